using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>Gives credits to a namespace out of the system account <c>issued</c>.</summary>
public sealed record FundRequest
{
    /// <summary>Names this funding: a repeat with the same content has no further effect.</summary>
    public required TransferId Id { get; init; }

    /// <summary>Who receives.</summary>
    public required NamespaceId Namespace { get; init; }

    /// <summary>How much; more than zero.</summary>
    public required Credits Amount { get; init; }

    /// <summary>Why, for people: at most <see cref="LedgerLimits.NoteCharsMax"/> characters.</summary>
    public required string Reason { get; init; }
}
