using FsCheck;
using FsCheck.Fluent;

namespace Flotilla.Ledger.Tests;

/// <summary>Random sequences against the model. The audit behind them recomputes P1 to P5 from the rows.</summary>
public sealed class TransferPropertyTests
{
    private const int SequenceCount = 1_000;
    private const int SequencesPerAudit = 250;

    [Fact]
    public async Task Every_sequence_answers_and_ends_as_the_model_does()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var payee = await ledger.OperatorAsync();
        var seen = new HashSet<TransferStatus>();
        var number = 0;
        Check(sequence => Task.Run(async () =>
        {
            var model = new TransferModel();
            var run = await ModelRun.NewAsync(ledger, number, payee);
            var answers = await run.ApplyAsync(sequence);
            Assert.Equal(sequence.Select(model.Apply), answers);
            run.AssertBalances(model);
            seen.UnionWith(answers);
            if (++number % SequencesPerAudit == 0)
                await ledger.AssertCleanAsync();
        }).GetAwaiter().GetResult());
        await ledger.AssertCleanAsync();
        // A generator that reaches only half of the rules would prove only half.
        TransferStatus[] unreachable =
            [TransferStatus.OutcomeIsNotFinal, TransferStatus.ExceedsRange, TransferStatus.LedgerIsBusy, TransferStatus.StorageIsFull];
        Assert.Equal(Enum.GetValues<TransferStatus>().Except(unreachable), seen.Order());
    }

    [Fact]
    public async Task Applying_a_sequence_twice_changes_nothing_the_second_time()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var payee = await ledger.OperatorAsync();
        var number = 0;
        Check(sequence => Task.Run(async () =>
        {
            // Without ticks: time that passes is an event of its own, and no repeat of one.
            var timeless = sequence.Where(op => op.Verb != ModelVerb.Tick).ToArray();
            var model = new TransferModel();
            var run = await ModelRun.NewAsync(ledger, number++, payee);
            var first = await run.ApplyAsync(timeless);
            var done = timeless.Where((_, i) => first[i] == TransferStatus.Created).ToArray();
            var second = await run.ApplyAsync(done);
            Assert.All(second, status => Assert.Equal(TransferStatus.Exists, status));
            foreach (var operation in timeless)
                model.Apply(operation);
            run.AssertBalances(model);
        }).GetAwaiter().GetResult());
        await ledger.AssertCleanAsync();
    }

    [Fact]
    public async Task Independent_jobs_end_alike_in_any_order()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var payee = await ledger.OperatorAsync();
        var charges = Gen.Choose(0, 10).ArrayOf(12).ToArbitrary();
        var seeds = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();
        Prop.ForAll(charges, seeds, (amounts, seed) => Task.Run(async () =>
        {
            var inOrder = await SettleAllAsync(ledger, payee, amounts, [.. Enumerable.Range(0, amounts.Length)]);
            var order = Enumerable.Range(0, amounts.Length).ToArray();
            new Random(seed).Shuffle(order);
            Assert.Equal(inOrder, await SettleAllAsync(ledger, payee, amounts, order));
            Assert.Equal(new Balance(new(1_000 - amounts.Sum()), default), inOrder);
        }).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    [Theory]
    [InlineData("post void expire")]
    [InlineData("post expire void")]
    [InlineData("void post expire")]
    [InlineData("void expire post")]
    [InlineData("expire post void")]
    [InlineData("expire void post")]
    public async Task Of_post_void_and_expire_the_first_has_the_effect(string order)
    {
        await using var ledger = await TestLedger.OpenAsync();
        var ns = await ledger.NamespaceAsync(100);
        var hold = Requests.Hold(ns, 60);
        await ledger.Store.Money.HoldAsync(hold, TestLedger.Ct);
        var answers = new List<TransferStatus>();
        foreach (var verb in order.Split(' '))
        {
            if (verb == "expire")
                await ledger.AdvanceAsync(hold.Timeout);
            else
                answers.Add((await ledger.Store.Money.SettleAsync(Requests.Settle(hold, verb == "post" ? 45 : 0), TestLedger.Ct)).Status);
        }

        var first = order.Split(' ')[0];
        var refusal = first switch
        {
            "post" => TransferStatus.HoldAlreadyPosted,
            "void" => TransferStatus.HoldAlreadyVoided,
            _ => TransferStatus.HoldExpired,
        };
        Assert.Equal(first == "expire" ? [refusal, refusal] : [TransferStatus.Created, refusal], answers);
        Assert.Equal(new Balance(new(first == "post" ? 55 : 100), default), ledger.Store.Money.BalanceOf(ns));
        await ledger.AssertCleanAsync();
    }

    private static void Check(Action<ModelOperation[]> body) =>
        Prop.ForAll(ModelOperation.Sequences, body).Check(Config.QuickThrowOnFailure.WithMaxTest(SequenceCount));

    private static async Task<Balance> SettleAllAsync(TestLedger ledger, AccountId payee, int[] charges, int[] order)
    {
        var ns = await ledger.NamespaceAsync(1_000);
        var holds = charges.Select(_ => Requests.Hold(ns, 10)).ToArray();
        // Queued in this order without waiting: the writer takes them so.
        var held = holds.Select(hold => ledger.Store.Money.HoldAsync(hold, TestLedger.Ct).AsTask()).ToArray();
        var settled = order.Select(i => Requests.Settle(holds[i], charges[i], payee, charges[i] / 2))
            .Select(request => ledger.Store.Money.SettleAsync(request, TestLedger.Ct).AsTask()).ToArray();
        Assert.All(await Task.WhenAll(held), result => Assert.Equal(TransferStatus.Created, result.Status));
        Assert.All(await Task.WhenAll(settled), result => Assert.Equal(TransferStatus.Created, result.Status));
        return ledger.Store.Money.BalanceOf(ns);
    }
}
