using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>The three ways in which a hold ends: settled by a caller, expired by the clock, voided because its process is gone.</summary>
internal static class ResolveHold
{
    private static readonly JobOutcome Expired = new()
    {
        Status = JobStatus.Expired, Error = "The job was not settled before its hold timed out.",
    };

    private static readonly JobOutcome Abandoned = new()
    {
        Status = JobStatus.Failed, Error = "The gateway stopped before the job was settled.",
    };

    public static SettleResult Settle(WriterState state, SettleRequest request)
    {
        var open = state.Holds.Find(request.Hold);
        var facts = open is null ? FactsOfPast(state, request.Hold) : new HoldFacts(open.Seq, open.Job, open.Amount, null);
        var payee = request.Operator is { } account ? state.Accounts.Find(account.Value, AccountRole.Operator) : null;
        var ending = new Ending(request.Id.Value, TransferRules.KindOf(request), request.Charge.Micro, payee, request.NodePay.Micro,
            request.Outcome, request.Receipt);
        var body = ending.BodyHash(state.Bytes, request.Job, request.Operator);
        var operatorExists = request.Operator is null || payee is not null;
        var status = TransferRules.OfSettlement(request, body, state.Transfers.Find(request.Id.Value), facts, operatorExists);
        if (status == TransferStatus.Created)
            End(state, open!, ending, body);
        var available = status == TransferStatus.Created ? open!.Customer.Totals.Available : 0;
        return new SettleResult(status, status.IsDone() ? request.Charge : Credits.Zero, new Credits(available));
    }

    /// <summary>Ends every hold whose time is over.</summary>
    /// <returns>How many.</returns>
    public static int ExpireDue(WriterState state)
    {
        var count = 0;
        foreach (var hold in state.Holds.Due(state.NowTicks()))
        {
            Release(state, hold, TransferKind.Expire, Expired);
            count++;
        }

        return count;
    }

    /// <summary>Gives back what holds of earlier processes reserved: what they delivered is not known, and the error favours the customer.</summary>
    public static RecoveryReport VoidAbandoned(WriterState state, bool uncleanStop)
    {
        var abandoned = Abandonments(state);
        foreach (var hold in abandoned)
        {
            state.Holds.Add(hold);
            Release(state, hold, TransferKind.Void, Abandoned);
        }

        return new RecoveryReport(state.Epoch, uncleanStop, abandoned.Count, new Credits(abandoned.Sum(hold => hold.Amount)));
    }

    private static void Release(WriterState state, OpenHold hold, TransferKind kind, JobOutcome outcome)
    {
        var ending = new Ending(TransferId.New(state.Ids).Value, kind, Charge: 0, Payee: null, NodePay: 0, outcome, Receipt: null);
        End(state, hold, ending, ending.BodyHash(state.Bytes, hold.Job, payee: null));
    }

    private static void End(WriterState state, OpenHold hold, Ending ending, byte[] body)
    {
        var clearing = state.Accounts.Clearing;
        // A post carries the charge; a void or an expiry carries what returns.
        var amount = ending.Kind == TransferKind.Post ? ending.Charge : hold.Amount;
        state.Append(new(ending.Id, ending.Kind, hold.Customer, clearing, amount, hold.Seq, null, body), hold.Amount);
        // The ids of the linked legs show their link; no id that a caller may choose has a dot.
        if (ending.NodePay > 0)
            state.Append(new(ending.Id + ".node", TransferKind.NodePay, clearing, ending.Payee!, ending.NodePay, hold.Seq, null, body), held: 0);
        if (ending.Charge > ending.NodePay)
        {
            state.Append(
                new(ending.Id + ".fee", TransferKind.Fee, clearing, state.Accounts.Fees, ending.Charge - ending.NodePay, hold.Seq, null, body), held: 0);
        }

        state.Jobs.Finish(hold, ending.Charge, ending.Outcome, ending.Receipt, state.Transfers.LastStamp);
        state.Holds.Remove(hold);
    }

    private static HoldFacts? FactsOfPast(WriterState state, TransferId id)
    {
        if (state.Transfers.Find(id.Value) is not { Kind: TransferKind.Hold } hold)
            return null;
        return new HoldFacts(hold.Seq, state.Jobs.JobOf(hold.Seq), hold.Amount, state.Transfers.ResolutionOf(hold.Seq)?.Kind);
    }

    private static List<OpenHold> Abandonments(WriterState state)
    {
        using var rows = state.Database.PrepareOnce("""
            SELECT j.seq, t.id, j.id, j.namespace_id, j.key_id, j.model, t.amount FROM job j JOIN transfer t ON t.seq = j.seq WHERE j.status = 1
            """);
        var holds = new List<OpenHold>();
        while (rows.Step())
        {
            var customer = state.Accounts.Find(rows.Text(3))
                ?? throw new LedgerUnusableException($"Job '{rows.Text(2)}' is of namespace '{rows.Text(3)}', which has no account: the ledger is damaged.");
            holds.Add(new OpenHold(rows.Int64(0), new(rows.Text(1)), new(rows.Text(2)), customer, new(rows.Text(3)), new(rows.Text(4)),
                rows.Text(5), rows.Int64(6), DeadlineTicks: 0));
        }

        return holds;
    }

    private readonly record struct Ending(
        string Id, TransferKind Kind, long Charge, LedgerAccount? Payee, long NodePay, JobOutcome Outcome, byte[]? Receipt)
    {
        public byte[] BodyHash(CanonicalBytes bytes, JobId job, AccountId? payee) =>
            TransferBody.OfResolution(bytes, job, Charge, payee, NodePay, Outcome, Receipt);
    }
}
