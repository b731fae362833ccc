namespace Flotilla.Ledger;

/// <summary>The four totals of an account in micro-credits: the fold of its transfers, and immutable, so that a reader
/// sees all four of one moment.</summary>
internal sealed record AccountTotals(long CreditsPosted, long DebitsPosted, long CreditsPending, long DebitsPending)
{
    public static readonly AccountTotals Zero = new(0, 0, 0, 0);

    /// <summary>What a customer could still hold.</summary>
    public long Available => checked(CreditsPosted - DebitsPosted - DebitsPending);

    /// <summary>After a transfer that debits this account; <paramref name="held"/> is the amount of the hold that a post, void or expiry ends.</summary>
    public AccountTotals Debited(TransferKind kind, long amount, long held)
    {
        var (posted, pending) = Change(kind, amount, held);
        return this with { DebitsPosted = checked(DebitsPosted + posted), DebitsPending = checked(DebitsPending + pending) };
    }

    /// <summary>After a transfer that credits this account; <paramref name="held"/> is the amount of the hold that a post, void or expiry ends.</summary>
    public AccountTotals Credited(TransferKind kind, long amount, long held)
    {
        var (posted, pending) = Change(kind, amount, held);
        return this with { CreditsPosted = checked(CreditsPosted + posted), CreditsPending = checked(CreditsPending + pending) };
    }

    private static (long Posted, long Pending) Change(TransferKind kind, long amount, long held) => kind switch
    {
        TransferKind.Fund or TransferKind.NodePay or TransferKind.Fee => (amount, 0),
        TransferKind.Hold => (0, amount),
        TransferKind.Post => (amount, -held),
        TransferKind.Void or TransferKind.Expire => (0, -held),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind of transfer."),
    };
}
