namespace Flotilla.Ledger.Tests;

/// <summary>Races for money: the outcome is fixed, whoever wins.</summary>
public sealed class ConcurrencyTests
{
    private const int RacerCount = 64;

    [Theory]
    [InlineData(1_000, 37)]
    [InlineData(63, 1)]
    [InlineData(100, 100)]
    [InlineData(99, 100)]
    public async Task Of_many_racing_for_the_last_credits_exactly_as_many_win_as_the_balance_allows(long balance, long amount)
    {
        const int RoundCount = 10;
        await using var ledger = await TestLedger.OpenAsync();
        for (var round = 0; round < RoundCount; round++)
        {
            var ns = await ledger.NamespaceAsync(balance);
            var answers = await RaceAsync(RacerCount, _ => HoldAsync(ledger, ns, amount));
            var winners = answers.Count(status => status == TransferStatus.Created);
            Assert.Equal(Math.Min(RacerCount, balance / amount), winners);
            Assert.Equal(RacerCount - winners, answers.Count(status => status == TransferStatus.ExceedsCredits));
            Assert.Equal(new Balance(new(balance), new(winners * amount)), ledger.Store.Money.BalanceOf(ns));
        }

        await ledger.AssertCleanAsync();
    }

    [Fact]
    public async Task Of_racing_post_void_and_expiry_exactly_one_has_the_effect()
    {
        const int RoundCount = 50;
        int[][] orders = [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [1, 0, 2]];
        await using var ledger = await TestLedger.OpenAsync();
        var ns = await ledger.NamespaceAsync(1_000_000);
        var ends = new HashSet<JobStatus>();
        for (var round = 0; round < RoundCount; round++)
        {
            var before = ledger.Store.Money.BalanceOf(ns);
            var hold = Requests.Hold(ns, 100);
            await ledger.Store.Money.HoldAsync(hold, TestLedger.Ct);
            var posted = Requests.Settle(hold, 60);
            var voided = Requests.Settle(hold, 0) with { Outcome = Requests.Completed with { Status = JobStatus.Cancelled } };
            Task<TransferStatus> ActAsync(int actor) => actor switch
            {
                0 => SettleAsync(ledger, posted),
                1 => SettleAsync(ledger, voided),
                _ => ExpireAsync(ledger, hold.Timeout),
            };
            var order = orders[round % orders.Length];
            // All three at once, where the clock mostly wins because it needs no queue; or one alone and the others behind it, so that each wins.
            var ahead = round % 2;
            var answers = new List<TransferStatus>();
            foreach (var actor in order[..ahead])
                answers.Add(await ActAsync(actor));
            answers.AddRange(await RaceAsync(order.Length - ahead, racer => ActAsync(order[racer + ahead])));
            await ledger.AdvanceAsync(TimeSpan.Zero);
            var job = await ledger.Store.Jobs.FindAsync(hold.Job, ns, TestLedger.Ct);
            ends.Add(job!.Status);
            Assert.Equal(job.Status == JobStatus.Expired ? 0 : 1, answers.Count(status => status == TransferStatus.Created));
            var charge = new Credits(job.Status == JobStatus.Completed ? 60 : 0);
            Assert.Equal(charge, job.Charge);
            Assert.Equal(new Balance(before.Posted - charge, default), ledger.Store.Money.BalanceOf(ns));
        }

        Assert.Equal([JobStatus.Completed, JobStatus.Cancelled, JobStatus.Expired], ends.Order());
        await ledger.AssertCleanAsync();
    }

    [Fact]
    public async Task Of_many_racing_to_settle_under_one_id_one_creates_and_the_others_see_it()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var hold = Requests.Hold(await ledger.NamespaceAsync(100), 100);
        await ledger.Store.Money.HoldAsync(hold, TestLedger.Ct);
        var settle = Requests.Settle(hold, 60);
        var answers = await RaceAsync(RacerCount, _ => SettleAsync(ledger, settle));
        Assert.Equal(1, answers.Count(status => status == TransferStatus.Created));
        Assert.Equal(RacerCount - 1, answers.Count(status => status == TransferStatus.Exists));
        Assert.Equal(new Credits(40), ledger.Store.Money.BalanceOf(hold.Namespace).Available);
    }

    private static async Task<TransferStatus[]> RaceAsync(int racers, Func<int, Task<TransferStatus>> run)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = Enumerable.Range(0, racers).Select(async racer =>
        {
            await start.Task;
            return await run(racer);
        }).ToArray();
        start.SetResult();
        return await Task.WhenAll(all);
    }

    private static async Task<TransferStatus> HoldAsync(TestLedger ledger, NamespaceId ns, long amount) =>
        (await ledger.Store.Money.HoldAsync(Requests.Hold(ns, amount), TestLedger.Ct)).Status;

    private static async Task<TransferStatus> SettleAsync(TestLedger ledger, SettleRequest request) =>
        (await ledger.Store.Money.SettleAsync(request, TestLedger.Ct)).Status;

    private static Task<TransferStatus> ExpireAsync(TestLedger ledger, TimeSpan timeout)
    {
        ledger.Clock.Advance(timeout);
        return Task.FromResult(TransferStatus.HoldExpired);
    }
}
