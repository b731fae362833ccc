namespace Flotilla.Gateway.Admin;

/// <summary>Asks for a join token.</summary>
/// <param name="Operator">Account that the node's earnings go to; left out: the first account.</param>
/// <param name="Minutes">Time in which it must be used, 1 to 1440.</param>
public sealed record JoinTokenBody(string? Operator = null, int Minutes = 60);
