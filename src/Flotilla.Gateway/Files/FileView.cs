namespace Flotilla.Gateway.Files;

/// <summary>A file as OpenAI's clients read it; times in seconds since 1970.</summary>
internal sealed record FileView(string Id, long Bytes, long CreatedAt, string Filename, string Purpose, long? ExpiresAt)
{
    private const long MillisecondsPerSecond = 1_000;

    public string Object { get; } = "file";

    /// <summary>Deprecated by OpenAI, and still required by its schema: what is stored is whole.</summary>
    public string Status { get; } = "processed";

    public static FileView Of(FileRow row) =>
        new(row.Id, row.Bytes, row.CreatedMs / MillisecondsPerSecond, row.Filename, row.Purpose, row.ExpiresMs / MillisecondsPerSecond);
}
