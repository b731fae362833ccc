namespace Flotilla.Gateway.Admin;

/// <summary>A key without its secret.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Kind"><c>client</c> or <c>admin</c>.</param>
/// <param name="Name">Given by whoever made it.</param>
/// <param name="Namespace">What it spends from; null for an admin key.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="RevokedAt">When it was revoked; null while it is good.</param>
public sealed record AdminKey(string Id, string Kind, string Name, string? Namespace, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);
