namespace Flotilla.Ledger;

/// <summary>Recomputes balances, chain, jobs and usage from the transfers and the jobs, and compares them with what is stored.
/// Reads the tables in the order in which they were written, once, with memory for accounts and open holds only.</summary>
internal sealed class Auditor : IDisposable
{
    private readonly Database _database;
    private readonly LedgerAccounts _accounts;
    private readonly AuditedJobs _jobsByHold;
    private readonly CanonicalBytes _bytes = new();
    private readonly List<AuditViolation> _violations = [];
    private readonly Dictionary<long, LedgerAccount> _bySeq;
    private readonly Dictionary<long, AccountTotals> _folded;
    private readonly Dictionary<long, AuditedTransfer> _openHolds = [];
    private long _violationCount;
    private long _jobs;

    private Auditor(WriterState state)
    {
        _database = state.Database;
        _accounts = state.Accounts;
        _jobsByHold = new AuditedJobs(state.Database);
        _bySeq = _accounts.All.ToDictionary(account => account.Seq);
        _folded = _bySeq.ToDictionary(pair => pair.Key, _ => AccountTotals.Zero);
    }

    public static AuditReport Run(WriterState state)
    {
        // What this batch has changed before is compared with its rows, so the rows must be there.
        state.Flush();
        using var auditor = new Auditor(state);
        var transfers = auditor.FoldTransfers();
        auditor.CheckBalances();
        auditor.CheckOpenHolds(state.Holds);
        auditor.CheckUsage();
        return new AuditReport(transfers, auditor._jobs, auditor._violationCount, auditor._violations);
    }

    public void Dispose() => _jobsByHold.Dispose();

    private long FoldTransfers()
    {
        using var rows = _database.PrepareOnce(AuditedTransfer.Query);
        var previous = new byte[32];
        long seq = 0;
        AuditedTransfer? post = null;
        long legs = 0;
        while (rows.Step())
        {
            var transfer = AuditedTransfer.Read(rows);
            if (transfer.Seq != ++seq)
                Violation("chain", $"Transfer {seq} is missing; {transfer.Seq} follows.");
            seq = transfer.Seq;
            if (!_bySeq.TryGetValue(transfer.Debit, out var debit) || !_bySeq.TryGetValue(transfer.Credit, out var credit))
            {
                Violation("chain", $"Transfer {seq} names an account that does not exist: {transfer.Debit} or {transfer.Credit}.");
                continue;
            }

            CheckChain(transfer, debit, credit, previous);
            previous = transfer.ChainHash;
            if (transfer.Kind is TransferKind.NodePay or TransferKind.Fee)
            {
                if (transfer.HoldSeq != post?.HoldSeq)
                    Violation("P12", $"Transfer {seq} pays out of hold {transfer.HoldSeq}, and no post of that hold precedes it.");
                legs += transfer.Amount;
            }
            else
            {
                CheckLegs(post, legs);
                (post, legs) = (transfer.Kind == TransferKind.Post ? transfer : null, 0);
            }

            Fold(transfer, debit, credit);
        }

        CheckLegs(post, legs);
        var head = TransferTable.ReadHead(_database);
        if (head.Seq != seq || !head.Hash.AsSpan().SequenceEqual(previous))
            Violation("chain", $"The chain ends at transfer {seq}; the head names {head.Seq} or another hash.");
        return seq;
    }

    private void CheckChain(AuditedTransfer transfer, LedgerAccount debit, LedgerAccount credit, byte[] previous)
    {
        var draft = new TransferDraft(
            transfer.Id, transfer.Kind, debit, credit, transfer.Amount, transfer.HoldSeq, transfer.Note, transfer.BodyHash);
        if (!TransferTable.ChainHash(_bytes, previous, transfer.Seq, draft, transfer.CreatedMicroseconds).AsSpan().SequenceEqual(transfer.ChainHash))
            Violation("chain", $"Transfer {transfer.Seq} ('{transfer.Id}') was changed after it was written, or one before it was.");
    }

    private void CheckLegs(AuditedTransfer? post, long legs)
    {
        if (post is not null && legs != post.Amount)
            Violation("P12", $"Transfer {post.Seq} charges {post.Amount}, and {legs} was paid on.");
    }

    private void Fold(AuditedTransfer transfer, LedgerAccount debit, LedgerAccount credit)
    {
        long held = 0;
        if (transfer.Kind == TransferKind.Hold)
        {
            _openHolds.Add(transfer.Seq, transfer);
            CheckHoldBody(transfer);
        }
        else if (transfer.Kind is TransferKind.Post or TransferKind.Void or TransferKind.Expire)
        {
            if (!_openHolds.Remove(transfer.HoldSeq ?? 0, out var hold))
            {
                Violation("P4", $"Transfer {transfer.Seq} ends hold {transfer.HoldSeq}, which is not open.");
                return;
            }

            held = hold.Amount;
            if (transfer.Amount > held || (transfer.Kind != TransferKind.Post && transfer.Amount != held))
                Violation("P5", $"Transfer {transfer.Seq} of {transfer.Amount} ends hold {hold.Seq} of {held}.");
            if (transfer.Debit != hold.Debit || transfer.Credit != hold.Credit)
                Violation("P5", $"Transfer {transfer.Seq} is between other accounts than its hold {hold.Seq}.");
            CheckResolution(transfer);
        }

        _folded[debit.Seq] = _folded[debit.Seq].Debited(transfer.Kind, transfer.Amount, held);
        _folded[credit.Seq] = _folded[credit.Seq].Credited(transfer.Kind, transfer.Amount, held);
        if (debit.Role == AccountRole.Customer && _folded[debit.Seq].Available < 0)
            Violation("P2", $"After transfer {transfer.Seq}, '{debit.Id}' is {_folded[debit.Seq].Available} below zero.");
    }

    private void CheckHoldBody(AuditedTransfer hold)
    {
        if (_jobsByHold.Find(hold.Seq) is not { } job)
            Violation("job", $"Hold {hold.Seq} has no job.");
        else if (!job.HoldBody(_bytes, hold.Amount).AsSpan().SequenceEqual(hold.BodyHash))
            Violation("body", $"Job '{job.Id}' differs from what its hold {hold.Seq} was asked for.");
        _jobs++;
    }

    private void CheckResolution(AuditedTransfer transfer)
    {
        if (_jobsByHold.Find(transfer.HoldSeq ?? 0) is not { } job)
            return;
        var charge = transfer.Kind == TransferKind.Post ? transfer.Amount : 0;
        if (job.Outcome.Status == JobStatus.Running || job.Charge != charge || job.FinishedMicroseconds is null)
            Violation("job", $"Job '{job.Id}' is {job.Outcome.Status} with a charge of {job.Charge}; transfer {transfer.Seq} ended it with {charge}.");
        if (!_jobsByHold.ResolutionBody(job, transfer.Seq, _bytes).AsSpan().SequenceEqual(transfer.BodyHash))
            Violation("body", $"Job '{job.Id}', its pay or its receipt differs from what transfer {transfer.Seq} was asked for.");
    }

    private void CheckBalances()
    {
        var stored = new Dictionary<long, AccountTotals>();
        using (var rows = _database.PrepareOnce("SELECT seq, credits_posted, debits_posted, credits_pending, debits_pending FROM ledger_account"))
        {
            while (rows.Step())
                stored[rows.Int64(0)] = new AccountTotals(rows.Int64(1), rows.Int64(2), rows.Int64(3), rows.Int64(4));
        }

        foreach (var (seq, account) in _bySeq)
        {
            if (stored.GetValueOrDefault(seq) != _folded[seq])
                Violation("P3", $"'{account.Id}' is stored as {stored.GetValueOrDefault(seq)}; its transfers add up to {_folded[seq]}.");
            if (account.Totals != _folded[seq])
                Violation("P3", $"'{account.Id}' is in memory as {account.Totals}; its transfers add up to {_folded[seq]}.");
        }

        var all = stored.Values.Aggregate(AccountTotals.Zero, (a, b) => new(a.CreditsPosted + b.CreditsPosted,
            a.DebitsPosted + b.DebitsPosted, a.CreditsPending + b.CreditsPending, a.DebitsPending + b.DebitsPending));
        if (all.CreditsPosted != all.DebitsPosted || all.CreditsPending != all.DebitsPending)
            Violation("P1", $"Debits and credits differ over all accounts: {all}.");
        var clearing = stored[_accounts.Clearing.Seq];
        if (clearing.CreditsPosted != clearing.DebitsPosted)
            Violation("P12", $"The clearing account keeps {clearing.CreditsPosted - clearing.DebitsPosted} that nobody was paid.");
    }

    private void CheckOpenHolds(OpenHolds holds)
    {
        foreach (var hold in holds.All.Where(hold => !_openHolds.ContainsKey(hold.Seq)))
            Violation("P4", $"Hold '{hold.Id}' is open in memory and ended on the disk.");
        foreach (var hold in _openHolds.Values.Where(hold => holds.Find(new(hold.Id)) is null))
            Violation("P4", $"Hold '{hold.Id}' is open on the disk, and nobody will ever end it.");
        var running = _database.Scalar("SELECT count(*) FROM job WHERE status = 1");
        if (running != _openHolds.Count)
            Violation("job", $"{running} jobs run, and {_openHolds.Count} holds are open.");
        var rows = _database.Scalar("SELECT count(*) FROM job");
        if (rows != _jobs)
            Violation("job", $"There are {rows} jobs and {_jobs} holds.");
    }

    private void CheckUsage()
    {
        var differing = _database.Scalar($"""
            WITH summed AS (
                SELECT namespace_id, finished_us / {JobTable.MicrosecondsPerHour} AS hour, key_id, model, count(*) AS jobs, sum(prompt_tokens),
                    sum(cached_tokens), sum(completion_tokens), sum(charge)
                FROM job WHERE status <> 1 GROUP BY 1, 2, 3, 4),
            stored AS (
                SELECT namespace_id, hour, key_id, model, jobs, prompt_tokens, cached_tokens, completion_tokens, charge FROM usage)
            SELECT (SELECT count(*) FROM (SELECT * FROM summed EXCEPT SELECT * FROM stored))
                 + (SELECT count(*) FROM (SELECT * FROM stored EXCEPT SELECT * FROM summed))
            """);
        if (differing != 0)
            Violation("usage", $"{differing} rows of usage differ from the jobs that they add up.");
    }

    private void Violation(string property, string detail)
    {
        if (++_violationCount <= LedgerLimits.AuditViolationsMax)
            _violations.Add(new AuditViolation(property, detail));
    }
}
