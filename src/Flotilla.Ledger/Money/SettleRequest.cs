using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>Ends a hold: charges what was delivered, pays the node, returns the rest.</summary>
public sealed record SettleRequest
{
    /// <summary>Names this settlement: a repeat with the same content has no further effect.</summary>
    public required TransferId Id { get; init; }

    /// <summary>The hold that ends.</summary>
    public required TransferId Hold { get; init; }

    /// <summary>The job of that hold.</summary>
    public required JobId Job { get; init; }

    /// <summary>What the namespace pays, at most the hold; zero releases the hold whole.</summary>
    public required Credits Charge { get; init; }

    /// <summary>Who earns <see cref="NodePay"/>; null when nobody does.</summary>
    public AccountId? Operator { get; init; }

    /// <summary>The operator's part of the charge; the rest is the network's fee.</summary>
    public Credits NodePay { get; init; }

    /// <summary>How the job ended.</summary>
    public required JobOutcome Outcome { get; init; }

    /// <summary>The signed receipt, at most <see cref="LedgerLimits.ReceiptBytesMax"/> bytes; stored as it is.</summary>
    public byte[]? Receipt { get; init; }
}
