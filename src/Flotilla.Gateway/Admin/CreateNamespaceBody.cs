namespace Flotilla.Gateway.Admin;

/// <summary>Asks for a namespace.</summary>
/// <param name="Name">For people.</param>
/// <param name="Account">Id of the account that shall own it; left out: a new account of the same name.</param>
public sealed record CreateNamespaceBody(string Name, string? Account = null);
