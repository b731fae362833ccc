namespace Flotilla.Gateway.Admin;

/// <summary>A key without its secret.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Kind"><c>client</c> or <c>admin</c>.</param>
/// <param name="Name">Given by whoever made it.</param>
/// <param name="Namespace">What it spends from; null for an admin key.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="RevokedAt">When it was revoked; null while it is good.</param>
/// <param name="RequestsPerMinute">Its own limit; null where the gateway's setting holds, 0 for none.</param>
/// <param name="TokensPerMinute">Likewise.</param>
/// <param name="Concurrency">Likewise, of requests at the same time.</param>
public sealed record AdminKey(
    string Id, string Kind, string Name, string? Namespace, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt, long? RequestsPerMinute, long? TokensPerMinute, long? Concurrency);
