using System.Globalization;

namespace Flotilla.Ledger.Tests;

/// <summary>Runs one generated sequence on a store that other sequences have used before, in namespaces and ids of its own.</summary>
internal sealed class ModelRun
{
    private readonly TestLedger _ledger;
    private readonly string _run;
    private readonly NamespaceId[] _customers;
    private readonly AccountId _payee;
    private readonly MoneyTotals _before;
    private readonly Credits _earnedBefore;

    private ModelRun(TestLedger ledger, int number, NamespaceId[] customers, AccountId payee)
    {
        _ledger = ledger;
        _run = number.ToString(CultureInfo.InvariantCulture);
        _customers = customers;
        _payee = payee;
        _before = ledger.Store.Money.Totals;
        _earnedBefore = ledger.Store.Money.EarnedBy(payee);
    }

    public static async Task<ModelRun> NewAsync(TestLedger ledger, int number, AccountId payee) =>
        new(ledger, number, [await ledger.NamespaceAsync(), await ledger.NamespaceAsync(), new("ns_missing")], payee);

    /// <summary>Sends the events without waiting between them, so that they share batches; a tick waits for all before it.</summary>
    public async Task<List<TransferStatus>> ApplyAsync(IEnumerable<ModelOperation> operations)
    {
        var answers = new List<Task<TransferStatus>>();
        foreach (var operation in operations)
        {
            if (operation.Verb == ModelVerb.Tick)
            {
                await Task.WhenAll(answers);
                await _ledger.AdvanceAsync(TimeSpan.FromSeconds(operation.Seconds));
            }

            answers.Add(SendAsync(operation));
        }

        return [.. await Task.WhenAll(answers)];
    }

    public void AssertBalances(TransferModel model)
    {
        for (var customer = 0; customer < 2; customer++)
        {
            var (posted, held) = model.BalanceOf(customer);
            Assert.Equal(new Balance(new(posted), new(held)), _ledger.Store.Money.BalanceOf(_customers[customer]));
            Assert.True(posted - held >= 0 && held >= 0, "The model itself went below zero.");
        }

        var totals = _ledger.Store.Money.Totals;
        Assert.Equal(new Credits(model.Issued), totals.Issued - _before.Issued);
        Assert.Equal(new Credits(model.Fees), totals.Fees - _before.Fees);
        Assert.Equal(new Credits(model.Earned), _ledger.Store.Money.EarnedBy(_payee) - _earnedBefore);
    }

    private Task<TransferStatus> SendAsync(ModelOperation op) => op.Verb switch
    {
        ModelVerb.Fund => _ledger.Store.Money.FundAsync(
            new FundRequest { Id = Id(op.Id), Namespace = _customers[op.Customer], Amount = new(op.Amount), Reason = $"variant {op.Variant}" },
            TestLedger.Ct).AsTask(),
        ModelVerb.Hold => HoldAsync(op),
        ModelVerb.Settle => SettleAsync(op),
        _ => Task.FromResult(TransferStatus.Created),
    };

    private async Task<TransferStatus> HoldAsync(ModelOperation op)
    {
        var request = Requests.Hold(_customers[op.Customer], op.Amount) with
        {
            Id = Id(op.Id), Job = Job(op.Target), Request = new("req_1"), Model = $"variant {op.Variant}", Timeout = TimeSpan.FromSeconds(op.Seconds),
        };
        return (await _ledger.Store.Money.HoldAsync(request, TestLedger.Ct)).Status;
    }

    private async Task<TransferStatus> SettleAsync(ModelOperation op)
    {
        var request = new SettleRequest
        {
            Id = Id(op.Id),
            Hold = Id(TransferModel.HoldIdOf(op)),
            Job = Job(op.Target),
            Charge = new(op.Amount),
            NodePay = new(TransferModel.PayOf(op)),
            Operator = op.Payee switch { 0 => null, 1 => _payee, _ => new AccountId("acct_missing") },
            Outcome = Requests.Completed with { Finish = $"variant {op.Variant}" },
        };
        return (await _ledger.Store.Money.SettleAsync(request, TestLedger.Ct)).Status;
    }

    private TransferId Id(int number) => new($"tx_{_run}_{number}");

    private JobId Job(int number) => new($"job_{_run}_{number}");
}
