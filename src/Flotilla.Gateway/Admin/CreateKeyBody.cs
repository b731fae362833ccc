namespace Flotilla.Gateway.Admin;

/// <summary>Asks for a key.</summary>
/// <param name="Name">For people.</param>
/// <param name="Namespace">Id or name of the namespace; left out: the first one, for a client key.</param>
/// <param name="Admin">True for an admin key, which belongs to no namespace.</param>
public sealed record CreateKeyBody(string? Name = null, string? Namespace = null, bool Admin = false);
