namespace Flotilla.Protocol.OpenAI;

/// <summary>The body of <c>POST /v1/batches</c>, read and found valid.</summary>
public sealed record BatchRequest
{
    /// <summary>The file with the lines; null where they stand in the body.</summary>
    public string? InputFileId { get; init; }

    /// <summary>The path that every line is posted to.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The client's labels as a JSON object; null where it gives none.</summary>
    public string? Metadata { get; init; }

    /// <summary>Life of the files that the batch makes, in seconds; null where the client does not say.</summary>
    public long? OutputSeconds { get; init; }

    /// <summary>The lines of an inline batch, as a file would have them; empty where there is a file.</summary>
    public byte[] Lines { get; init; } = [];
}
