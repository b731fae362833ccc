namespace Flotilla.Gateway.Admin;

/// <summary>Adds credits.</summary>
/// <param name="Credits">How many, in decimal, such as <c>"12.5"</c>.</param>
/// <param name="Namespace">Id or name of the namespace; left out: the first one.</param>
/// <param name="Reason">For people.</param>
/// <param name="Id">Names this funding, <c>tx_</c> and 32 hexadecimal digits: a repeat has no further effect. Left out: a new one.</param>
public sealed record FundBody(string Credits, string? Namespace = null, string? Reason = null, string? Id = null);
