namespace Flotilla.Gateway.Webhooks;

/// <summary>A webhook as it is stored; times in milliseconds since 1970.</summary>
internal sealed record WebhookRow
{
    public required string Id { get; init; }

    public required string NamespaceId { get; init; }

    /// <summary>Where its events are posted.</summary>
    public required string Url { get; init; }

    /// <summary>What signs its deliveries.</summary>
    public required byte[] Secret { get; init; }

    /// <summary>The filters of its events, as a JSON array.</summary>
    public required string Events { get; init; }

    /// <summary>The models whose events it wants, as a JSON array; null for all.</summary>
    public string? Models { get; init; }

    /// <summary>Whether it wants events of jobs, for which the ledger's log is read.</summary>
    public bool HearsJobs { get; init; }

    /// <summary>Micro-credits below which it is told; null for the gateway's setting.</summary>
    public long? CreditThreshold { get; init; }

    /// <summary>Whether it was told that the credits are low, and they still are.</summary>
    public bool IsLow { get; init; }

    /// <summary>Events that its full queue has dropped.</summary>
    public long Dropped { get; init; }

    public required long CreatedMs { get; init; }
}
