namespace Flotilla.Ledger;

/// <summary>An account in memory: the totals that the writer works on, and those of the last durable batch for everybody else.</summary>
internal sealed class LedgerAccount(long seq, string id, AccountRole role, AccountTotals totals)
{
    private volatile AccountTotals _durable = totals;

    /// <summary>Names the account in the transfers.</summary>
    public long Seq { get; } = seq;

    /// <summary>A namespace's or an account's id, or the name of a system account.</summary>
    public string Id { get; } = id;

    /// <summary>Which bound it obeys.</summary>
    public AccountRole Role { get; } = role;

    /// <summary>As of the operation under way; for the writer thread alone.</summary>
    public AccountTotals Totals { get; set; } = totals;

    /// <summary>As of the last durable batch; for any thread.</summary>
    public AccountTotals Durable => _durable;

    /// <summary>The batch is on the disk.</summary>
    public void Publish() => _durable = Totals;

    /// <summary>The batch never happened.</summary>
    public void Revert() => Totals = _durable;
}
