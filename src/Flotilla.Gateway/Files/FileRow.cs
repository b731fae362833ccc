namespace Flotilla.Gateway.Files;

/// <summary>A file as it is stored; times in milliseconds since 1970.</summary>
internal sealed record FileRow
{
    /// <summary>Begins with <c>file-</c>.</summary>
    public required string Id { get; init; }

    public required string NamespaceId { get; init; }

    /// <summary>As its client named it; never a path of ours.</summary>
    public required string Filename { get; init; }

    public required string Purpose { get; init; }

    public required long Bytes { get; init; }

    public required long CreatedMs { get; init; }

    /// <summary>When it is forgotten; null: never by itself.</summary>
    public long? ExpiresMs { get; init; }
}
