namespace Flotilla.Gateway.Batches;

/// <summary>A batch as it is stored; times in milliseconds since 1970.</summary>
internal sealed record BatchRow
{
    /// <summary>Begins with <c>batch_</c>.</summary>
    public required string Id { get; init; }

    public required string NamespaceId { get; init; }

    public required string KeyId { get; init; }

    /// <summary>The route that every line goes to.</summary>
    public required string Endpoint { get; init; }

    public required string InputFileId { get; init; }

    /// <summary>Reserved from the start; a file of this id is there once the batch is over and a line was answered.</summary>
    public required string OutputFileId { get; init; }

    /// <summary>Likewise, for lines that failed.</summary>
    public required string ErrorFileId { get; init; }

    /// <summary>Life of these files; null: as long as such files live.</summary>
    public long? OutputSeconds { get; init; }

    /// <summary>The client's labels, as JSON.</summary>
    public string? Metadata { get; init; }

    public BatchStatus Status { get; init; } = BatchStatus.Validating;

    /// <summary>What is wrong with its file, as a JSON array.</summary>
    public string? Errors { get; init; }

    /// <summary>The model of its first line.</summary>
    public string? Model { get; init; }

    public required long CreatedMs { get; init; }

    public required long ExpiresMs { get; init; }

    public long? InProgressMs { get; init; }

    public long? FinalizingMs { get; init; }

    public long? CancellingMs { get; init; }

    /// <summary>When it came to the state that it stays in.</summary>
    public long? EndedMs { get; init; }

    public long Total { get; init; }

    public long Completed { get; init; }

    public long Failed { get; init; }

    public long InputTokens { get; init; }

    public long CachedTokens { get; init; }

    public long OutputTokens { get; init; }

    public long ReasoningTokens { get; init; }
}
