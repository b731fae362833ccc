namespace Flotilla.Gateway.Admin;

/// <summary>A new join token, good for one node.</summary>
/// <param name="Token">What the node presents.</param>
/// <param name="Operator">The account that earns.</param>
/// <param name="ExpiresAt">When it goes stale.</param>
public sealed record AdminJoinToken(string Token, string Operator, DateTimeOffset ExpiresAt);
