using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>Reserves the most that a job can cost, before its first token.</summary>
public sealed record HoldRequest
{
    /// <summary>Names this hold; <see cref="SettleRequest.Hold"/> refers to it.</summary>
    public required TransferId Id { get; init; }

    /// <summary>The job that will be paid; one job has one hold.</summary>
    public required JobId Job { get; init; }

    /// <summary>The request that caused the job.</summary>
    public required RequestId Request { get; init; }

    /// <summary>Who pays.</summary>
    public required NamespaceId Namespace { get; init; }

    /// <summary>The key that asked.</summary>
    public required KeyId Key { get; init; }

    /// <summary>The model that was resolved, by its canonical name.</summary>
    public required string Model { get; init; }

    /// <summary>The front door, such as <c>chat.completions</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The <see cref="PriceTable.Version"/> that the amount was computed with.</summary>
    public required long PriceVersion { get; init; }

    /// <summary>The worst case; zero for a model that is free.</summary>
    public required Credits Amount { get; init; }

    /// <summary>After this long without a settlement the hold expires and the money returns. Measured by a monotonic clock.</summary>
    public required TimeSpan Timeout { get; init; }
}
