namespace Flotilla.Ledger;

/// <summary>Where the ledger lies and how much it takes on at once.</summary>
public sealed record LedgerOptions
{
    /// <summary>The database file; its folder is made where it is missing. The files beside it are <c>-wal</c> and <c>.lock</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Most operations in one transaction. Default 256: beyond it the fsync is a small part of the batch already.</summary>
    public int BatchOpsMax { get; init; } = 256;

    /// <summary>Most operations waiting for the writer. Default 8,192, about a second of work. A hold beyond it is refused
    /// with <see cref="TransferStatus.LedgerIsBusy"/>; everything else waits for room.</summary>
    public int QueueOpsMax { get; init; } = 8_192;

    /// <summary>How often holds past their timeout are looked for when nothing else happens. Default one second.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The price of every model without one of its own, written as the first price of a new ledger and changed
    /// afterwards by <see cref="PriceBook.SetAsync"/>. Default 10 credits in, 2.5 cached and 40 out per million tokens, 80 % to the node.</summary>
    public Price DefaultPrice { get; init; } = new()
    {
        InputPerMillion = new(10_000_000),
        CachedInputPerMillion = new(2_500_000),
        OutputPerMillion = new(40_000_000),
        NodeShareBasisPoints = 8_000,
    };
}
