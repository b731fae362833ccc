using System.Text.Json;

namespace Flotilla.Gateway.Deferred;

/// <summary>A deferred request as its client sees it; times in seconds since 1970.</summary>
internal sealed record DeferredView
{
    public required string Id { get; init; }

    public string Object { get; } = "request";

    public required string RequestId { get; init; }

    /// <summary><c>queued</c>, <c>in_progress</c>, <c>completed</c>, <c>failed</c>, <c>cancelled</c> or <c>expired</c>.</summary>
    public required string Status { get; init; }

    public required string Endpoint { get; init; }

    public required string? Model { get; init; }

    public required string Priority { get; init; }

    public required long CreatedAt { get; init; }

    public required long ExpiresAt { get; init; }

    public required long? StartedAt { get; init; }

    public required long? CompletedAt { get; init; }

    /// <summary>How many of the same model go before it; null once it runs.</summary>
    public required int? QueuePosition { get; init; }

    /// <summary>Seconds until it probably begins, by what the last ones took; null where nothing is known.</summary>
    public required double? EstimatedWaitSeconds { get; init; }

    /// <summary>The job, once there is one; <c>GET /v1/jobs/{id}</c> tells its cost.</summary>
    public required string? JobId { get; init; }

    /// <summary>HTTP status of the answer.</summary>
    public required long? ResultStatus { get; init; }

    /// <summary>The answer's error, where it is one.</summary>
    public required JsonElement? Error { get; init; }

    public required string StatusUrl { get; init; }

    public required string ResultUrl { get; init; }
}
