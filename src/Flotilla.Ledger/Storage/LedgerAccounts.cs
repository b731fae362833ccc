using System.Collections.Concurrent;

namespace Flotilla.Ledger;

/// <summary>Every account of the ledger in memory; changed by the writer thread, read by all. Rows are written once a batch,
/// however often it touched them.</summary>
internal sealed class LedgerAccounts
{
    private readonly ConcurrentDictionary<string, LedgerAccount> _byId = new(StringComparer.Ordinal);
    private readonly List<LedgerAccount> _added = [];
    private readonly HashSet<LedgerAccount> _touched = [];
    private readonly Statement _insert;
    private readonly Statement _update;

    public LedgerAccounts(Database database)
    {
        _insert = database.Prepare("INSERT INTO ledger_account (id, role) VALUES (?, ?) RETURNING seq");
        _update = database.Prepare("""
            UPDATE ledger_account SET credits_posted = ?, debits_posted = ?, credits_pending = ?, debits_pending = ? WHERE seq = ?
            """);
        using var all = database.PrepareOnce("SELECT seq, id, role, credits_posted, debits_posted, credits_pending, debits_pending FROM ledger_account");
        while (all.Step())
        {
            var totals = new AccountTotals(all.Int64(3), all.Int64(4), all.Int64(5), all.Int64(6));
            var account = new LedgerAccount(all.Int64(0), all.Text(1), (AccountRole)all.Int64(2), totals);
            _byId[account.Id] = account;
        }

        Issued = _byId["issued"];
        Clearing = _byId["clearing"];
        Fees = _byId["fees"];
    }

    /// <summary>Where credits come from.</summary>
    public LedgerAccount Issued { get; }

    /// <summary>Between a namespace and whoever earns: empty between two operations, save for what is pending.</summary>
    public LedgerAccount Clearing { get; }

    /// <summary>The network's own income.</summary>
    public LedgerAccount Fees { get; }

    public IEnumerable<LedgerAccount> All => _byId.Values;

    public LedgerAccount? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Only when it has the role: a namespace's id names no operator.</summary>
    public LedgerAccount? Find(string id, AccountRole role) => Find(id) is { } account && account.Role == role ? account : null;

    public void Add(string id, AccountRole role)
    {
        _insert.Bind(1, id).Bind(2, (long)role).Step();
        var account = new LedgerAccount(_insert.Int64(0), id, role, AccountTotals.Zero);
        _insert.Reset();
        _byId[id] = account;
        _added.Add(account);
    }

    /// <summary>Applies a transfer to both of its accounts.</summary>
    public void Move(TransferKind kind, LedgerAccount debit, LedgerAccount credit, long amount, long held)
    {
        debit.Totals = debit.Totals.Debited(kind, amount, held);
        credit.Totals = credit.Totals.Credited(kind, amount, held);
        _touched.Add(debit);
        _touched.Add(credit);
    }

    public void Flush()
    {
        foreach (var account in _touched)
        {
            var totals = account.Totals;
            _update.Bind(1, totals.CreditsPosted).Bind(2, totals.DebitsPosted).Bind(3, totals.CreditsPending).Bind(4, totals.DebitsPending)
                .Bind(5, account.Seq).Run();
        }
    }

    public void Commit()
    {
        foreach (var account in _touched)
            account.Publish();
        _touched.Clear();
        _added.Clear();
    }

    public void Rollback()
    {
        foreach (var account in _touched)
            account.Revert();
        foreach (var account in _added)
            _byId.TryRemove(account.Id, out _);
        _touched.Clear();
        _added.Clear();
    }
}
