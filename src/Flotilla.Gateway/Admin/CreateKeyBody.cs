namespace Flotilla.Gateway.Admin;

/// <summary>Asks for a key.</summary>
/// <param name="Name">For people; left out: <c>client</c> or <c>admin</c>, as it is.</param>
/// <param name="Namespace">Id or name of the namespace; left out: the first one, for a client key.</param>
/// <param name="Admin">True for an admin key, which belongs to no namespace and has no limits.</param>
/// <param name="RequestsPerMinute">A limit of its own; left out: the gateway's setting, 0: none.</param>
/// <param name="TokensPerMinute">Likewise.</param>
/// <param name="Concurrency">Likewise, of requests at the same time.</param>
public sealed record CreateKeyBody(
    string? Name = null, string? Namespace = null, bool Admin = false, long? RequestsPerMinute = null, long? TokensPerMinute = null, long? Concurrency = null);
