namespace Flotilla.Gateway.Webhooks;

/// <summary>One event on its way to one webhook, as it is stored; times in milliseconds since 1970.</summary>
internal sealed record DeliveryRow
{
    public required string Id { get; init; }

    public required string EventId { get; init; }

    public required string Type { get; init; }

    /// <summary>The payload; null once it is over.</summary>
    public byte[]? Body { get; init; }

    public required DeliveryStatus Status { get; init; }

    /// <summary>Attempts that have ended.</summary>
    public long Attempts { get; init; }

    /// <summary>The status of the last attempt's answer; null where there was no answer.</summary>
    public long? HttpStatus { get; init; }

    /// <summary>Why the last attempt had no answer, or could not be made; null where it had one.</summary>
    public string? Fault { get; init; }

    public required long CreatedMs { get; init; }

    /// <summary>When the next attempt is due; null once it is over.</summary>
    public long? NextMs { get; init; }

    public long? EndedMs { get; init; }
}
