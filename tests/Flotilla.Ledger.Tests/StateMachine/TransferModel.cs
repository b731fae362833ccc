namespace Flotilla.Ledger.Tests;

/// <summary>The ledger's rules once more, as plainly as can be: dictionaries, no storage, no batches. What the store is compared with.</summary>
internal sealed class TransferModel
{
    private readonly Dictionary<int, Written> _written = [];
    private readonly Dictionary<int, Hold> _holdOfJob = [];
    private readonly long[] _posted = new long[2];
    private readonly long[] _held = new long[2];
    private long _now;

    public long Issued { get; private set; }

    public long Earned { get; private set; }

    public long Fees { get; private set; }

    public (long Posted, long Held) BalanceOf(int customer) => (_posted[customer], _held[customer]);

    public TransferStatus Apply(ModelOperation operation)
    {
        switch (operation.Verb)
        {
            case ModelVerb.Fund:
                return Fund(operation);
            case ModelVerb.Hold:
                return TryHold(operation);
            case ModelVerb.Settle:
                return Settle(operation);
            default:
                _now += operation.Seconds;
                foreach (var hold in _holdOfJob.Values.Where(hold => hold.End is null && hold.Deadline <= _now))
                    Release(hold, TransferStatus.HoldExpired);
                return TransferStatus.Created;
        }
    }

    private TransferStatus Fund(ModelOperation op)
    {
        if (op.Amount <= 0)
            return op.Amount < 0 ? TransferStatus.AmountIsNegative : TransferStatus.AmountIsZero;
        if (_written.TryGetValue(op.Id, out var same))
        {
            return same.Operation.Verb != ModelVerb.Fund ? TransferStatus.ExistsWithDifferentKind
                : same.Operation.Customer != op.Customer ? TransferStatus.ExistsWithDifferentNamespace
                : same.Operation.Amount != op.Amount ? TransferStatus.ExistsWithDifferentAmount
                : same.Operation.Variant != op.Variant ? TransferStatus.ExistsWithDifferentContent
                : TransferStatus.Exists;
        }

        if (op.Customer == 2)
            return TransferStatus.NamespaceNotFound;
        _written[op.Id] = new Written(op, null);
        _posted[op.Customer] += op.Amount;
        Issued += op.Amount;
        return TransferStatus.Created;
    }

    private TransferStatus TryHold(ModelOperation op)
    {
        if (op.Amount < 0)
            return TransferStatus.AmountIsNegative;
        if (op.Seconds == 0)
            return TransferStatus.TimeoutIsOutOfRange;
        if (_written.TryGetValue(op.Id, out var same))
        {
            var was = same.Operation;
            return was.Verb != ModelVerb.Hold ? TransferStatus.ExistsWithDifferentKind
                : was.Customer != op.Customer ? TransferStatus.ExistsWithDifferentNamespace
                : was.Amount != op.Amount ? TransferStatus.ExistsWithDifferentAmount
                : (was.Target, was.Variant, was.Seconds) != (op.Target, op.Variant, op.Seconds) ? TransferStatus.ExistsWithDifferentContent
                : TransferStatus.Exists;
        }

        if (op.Customer == 2)
            return TransferStatus.NamespaceNotFound;
        if (_holdOfJob.ContainsKey(op.Target))
            return TransferStatus.JobHasAnotherHold;
        if (op.Amount > _posted[op.Customer] - _held[op.Customer])
            return TransferStatus.ExceedsCredits;
        var hold = new Hold { Job = op.Target, Customer = op.Customer, Amount = op.Amount, Deadline = _now + op.Seconds };
        _holdOfJob[op.Target] = hold;
        _written[op.Id] = new Written(op, hold);
        _held[op.Customer] += op.Amount;
        return TransferStatus.Created;
    }

    private TransferStatus Settle(ModelOperation op)
    {
        var pay = PayOf(op);
        if (op.Amount < 0)
            return TransferStatus.AmountIsNegative;
        if (pay > op.Amount)
            return TransferStatus.NodePayExceedsCharge;
        if (pay > 0 && op.Payee == 0)
            return TransferStatus.NodePayHasNoOperator;
        var hold = _written.TryGetValue(HoldIdOf(op), out var written) && written.Operation.Verb == ModelVerb.Hold ? written.Hold : null;
        if (_written.TryGetValue(op.Id, out var same))
            return RepeatOfSettle(same, op, hold, pay);
        if (hold is null)
            return TransferStatus.HoldNotFound;
        if (hold.Job != op.Target)
            return TransferStatus.HoldBelongsToAnotherJob;
        if (hold.End is { } end)
            return end;
        if (op.Payee == 2)
            return TransferStatus.OperatorNotFound;
        if (op.Amount > hold.Amount)
            return TransferStatus.ExceedsHold;
        Release(hold, op.Amount > 0 ? TransferStatus.HoldAlreadyPosted : TransferStatus.HoldAlreadyVoided);
        _written[op.Id] = new Written(op, hold);
        _posted[hold.Customer] -= op.Amount;
        Earned += pay;
        Fees += op.Amount - pay;
        return TransferStatus.Created;
    }

    /// <summary>The hold that a settlement names: mostly the one whose id has its job's number, sometimes another.</summary>
    public static int HoldIdOf(ModelOperation op) => op.Seconds >= 3 ? op.Target : op.Customer;

    public static long PayOf(ModelOperation op) => op.Amount * op.PayPercent / 100;

    private static TransferStatus RepeatOfSettle(Written same, ModelOperation op, Hold? hold, long pay)
    {
        var was = same.Operation;
        if (was.Verb != ModelVerb.Settle || was.Amount > 0 != op.Amount > 0)
            return TransferStatus.ExistsWithDifferentKind;
        if (!ReferenceEquals(same.Hold, hold))
            return TransferStatus.ExistsWithDifferentHold;
        if (was.Amount != op.Amount)
            return TransferStatus.ExistsWithDifferentAmount;
        var samePayee = pay == 0 || was.Payee == op.Payee;
        return PayOf(was) == pay && samePayee && was.Target == op.Target && was.Variant == op.Variant
            ? TransferStatus.Exists
            : TransferStatus.ExistsWithDifferentContent;
    }

    private void Release(Hold hold, TransferStatus end)
    {
        hold.End = end;
        _held[hold.Customer] -= hold.Amount;
    }

    private sealed record Written(ModelOperation Operation, Hold? Hold);

    private sealed class Hold
    {
        public required int Job { get; init; }

        public required int Customer { get; init; }

        public required long Amount { get; init; }

        public required long Deadline { get; init; }

        public TransferStatus? End { get; set; }
    }
}
