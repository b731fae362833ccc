namespace Flotilla.Gateway.Deferred;

/// <summary>A deferred request as it is stored; times in milliseconds since 1970.</summary>
internal sealed record DeferredRow
{
    /// <summary>The request's id, which its client sees as <c>x-request-id</c>.</summary>
    public required string Id { get; init; }

    public required string NamespaceId { get; init; }

    public required string KeyId { get; init; }

    /// <summary>Where it was posted.</summary>
    public required string Path { get; init; }

    /// <summary>The model that its body names; null where one name does not say it.</summary>
    public string? Model { get; init; }

    public required string ContentType { get; init; }

    /// <summary>Headers that matter to the call, as JSON.</summary>
    public required string Headers { get; init; }

    public required DeferredPriority Priority { get; init; }

    public required long CreatedMs { get; init; }

    /// <summary>Until when it waits for a node.</summary>
    public required long ExpiresMs { get; init; }

    /// <summary>The id of the job that its current or next run causes.</summary>
    public required string JobId { get; init; }

    /// <summary>Runs that a crash has cut off.</summary>
    public long Runs { get; init; }

    /// <summary>Whether such a run was charged; then no further one is.</summary>
    public bool Paid { get; init; }

    public DeferredStatus Status { get; init; } = DeferredStatus.Open;

    public long? FinishedMs { get; init; }

    public long? HttpStatus { get; init; }

    /// <summary>What the door that took it in shows of it, as JSON; null where none does.</summary>
    public string? About { get; init; }

    /// <summary>Bytes that its answer may take, where that is more than a text: they count for its namespace until the answer has its own.</summary>
    public long Reserved { get; init; }

    /// <summary>Headers of the answer, as JSON.</summary>
    public string? AnswerHeaders { get; init; }
}
