namespace Flotilla.Gateway.Admin;

/// <summary>A new key: the one answer that holds its secret.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Secret">What the client sends.</param>
/// <param name="Namespace">What it spends from; null for an admin key.</param>
public sealed record AdminNewKey(string Id, string Secret, string? Namespace);
