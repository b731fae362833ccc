using System.Text.Json;

namespace Flotilla.Gateway.Webhooks;

/// <summary>A delivery as its namespace sees it; times in seconds since 1970.</summary>
internal sealed record DeliveryView
{
    private const long MillisecondsPerSecond = 1_000;

    public required string Id { get; init; }

    public string Object { get; } = "webhook.delivery";

    public required string EventId { get; init; }

    public required string Type { get; init; }

    public required string Status { get; init; }

    public required long Attempts { get; init; }

    public required long? ResponseStatus { get; init; }

    public required string? Error { get; init; }

    public required long CreatedAt { get; init; }

    public required long? NextAttemptAt { get; init; }

    public required long? EndedAt { get; init; }

    public static DeliveryView Of(DeliveryRow row) => new()
    {
        Id = row.Id,
        EventId = row.EventId,
        Type = row.Type,
        Status = JsonNamingPolicy.SnakeCaseLower.ConvertName(row.Status.ToString()),
        Attempts = row.Attempts,
        ResponseStatus = row.HttpStatus,
        Error = row.Fault,
        CreatedAt = row.CreatedMs / MillisecondsPerSecond,
        NextAttemptAt = row.NextMs / MillisecondsPerSecond,
        EndedAt = row.EndedMs / MillisecondsPerSecond,
    };
}
