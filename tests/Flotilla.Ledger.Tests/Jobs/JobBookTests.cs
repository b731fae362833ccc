namespace Flotilla.Ledger.Tests;

public sealed class JobBookTests
{
    [Fact]
    public async Task FindAsync_RunningThenSettled_TellsBoth()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var ns = await ledger.NamespaceAsync(1_000);
        var payee = await ledger.OperatorAsync();
        var hold = Requests.Hold(ns, 100);
        await ledger.Store.Money.HoldAsync(hold, TestLedger.Ct);
        var running = await ledger.Store.Jobs.FindAsync(hold.Job, ns, TestLedger.Ct);
        var expected = new JobRecord
        {
            Job = hold.Job, Request = hold.Request, Namespace = ns, Key = hold.Key, Model = hold.Model, Endpoint = hold.Endpoint,
            Status = JobStatus.Running, Hold = hold.Id, HoldAmount = new(100), PriceVersion = 1, Created = running!.Created,
        };
        Assert.Equal(expected, running);
        Assert.InRange(running.Created - ledger.Clock.GetUtcNow(), TimeSpan.Zero, TimeSpan.FromMilliseconds(1));

        ledger.Clock.Advance(TimeSpan.FromSeconds(3));
        var settle = Requests.Settle(hold, 45, payee, 36) with { Outcome = Requests.Completed with { Node = new("node_1"), Error = "a\0b" }, Receipt = [7] };
        await ledger.Store.Money.SettleAsync(settle, TestLedger.Ct);
        var ended = await ledger.Store.Jobs.FindAsync(hold.Job, ns, TestLedger.Ct);
        var expectedEnd = expected with
        {
            Status = JobStatus.Completed, Settlement = settle.Id, Charge = new(45), Node = new("node_1"), Finish = "stop", Error = "a\0b",
            PromptTokens = 12, CachedTokens = 4, CompletionTokens = 30, Finished = ended!.Finished, HasReceipt = true,
        };
        Assert.Equal(expectedEnd, ended);
        Assert.True(ended.Finished - ended.Created >= TimeSpan.FromSeconds(3));
        Assert.Equal(ended, await ledger.Store.Jobs.FindByTransferAsync(hold.Id, ns, TestLedger.Ct));
        Assert.Equal(ended, await ledger.Store.Jobs.FindByTransferAsync(settle.Id, null, TestLedger.Ct));
        await ledger.AssertCleanAsync();
    }

    [Fact]
    public async Task Another_namespace_finds_nothing()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var mine = await ledger.NamespaceAsync(1_000);
        var theirs = await ledger.NamespaceAsync();
        var hold = Requests.Hold(mine, 100);
        await ledger.Store.Money.HoldAsync(hold, TestLedger.Ct);
        var settle = Requests.Settle(hold, 45) with { Receipt = [1, 2, 3] };
        await ledger.Store.Money.SettleAsync(settle, TestLedger.Ct);
        var jobs = ledger.Store.Jobs;
        Assert.Null(await jobs.FindAsync(hold.Job, theirs, TestLedger.Ct));
        Assert.Null(await jobs.FindByTransferAsync(settle.Id, theirs, TestLedger.Ct));
        Assert.Null(await jobs.FindReceiptAsync(hold.Job, theirs, TestLedger.Ct));
        foreach (var asker in (NamespaceId?[])[mine, null])
        {
            Assert.NotNull(await jobs.FindAsync(hold.Job, asker, TestLedger.Ct));
            Assert.Equal([1, 2, 3], await jobs.FindReceiptAsync(hold.Job, asker, TestLedger.Ct));
        }

        Assert.Null(await jobs.FindAsync(new JobId("job_missing"), null, TestLedger.Ct));
        Assert.Null(await jobs.FindReceiptAsync(new("' OR 1 --"), null, TestLedger.Ct));
    }

    [Fact]
    public async Task Limits_of_a_settlement_hold()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var hold = Requests.Hold(await ledger.NamespaceAsync(1_000), 100);
        var money = ledger.Store.Money;
        await money.HoldAsync(hold, TestLedger.Ct);
        var settle = Requests.Settle(hold, 1);
        await Assert.ThrowsAsync<ArgumentException>(() => money.SettleAsync(settle with { Receipt = new byte[LedgerLimits.ReceiptBytesMax + 1] }, TestLedger.Ct).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => money.SettleAsync(settle with { Id = default }, TestLedger.Ct).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => money.SettleAsync(settle with { Id = new("tx.node") }, TestLedger.Ct).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => money.HoldAsync(hold with { Model = new('m', LedgerLimits.ModelCharsMax + 1) }, TestLedger.Ct).AsTask());
        var wordy = settle with { Outcome = Requests.Completed with { Status = JobStatus.Failed, Error = new('e', 5_000), Finish = new('f', 5_000) }, Receipt = new byte[LedgerLimits.ReceiptBytesMax] };
        Assert.Equal(TransferStatus.Created, (await money.SettleAsync(wordy, TestLedger.Ct)).Status);
        Assert.Equal(TransferStatus.Exists, (await money.SettleAsync(wordy, TestLedger.Ct)).Status);
        var job = await ledger.Store.Jobs.FindAsync(hold.Job, null, TestLedger.Ct);
        Assert.Equal((LedgerLimits.NoteCharsMax, LedgerLimits.IdCharsMax), (job!.Error!.Length, job.Finish!.Length));
        await ledger.AssertCleanAsync();
    }

    [Fact]
    public async Task Empty_and_odd_texts_are_stored_as_they_are()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var ns = await ledger.NamespaceAsync(1_000);
        var fund = Requests.Fund(ns, 1) with { Reason = "" };
        Assert.Equal(TransferStatus.Created, await ledger.Store.Money.FundAsync(fund, TestLedger.Ct));
        var hold = Requests.Hold(ns, 100) with { Model = "a\ud800\0b é 模型", Endpoint = "" };
        Assert.Equal(TransferStatus.Created, (await ledger.Store.Money.HoldAsync(hold, TestLedger.Ct)).Status);
        var settle = Requests.Settle(hold, 1) with { Outcome = Requests.Completed with { Finish = "", Error = "" }, Receipt = [] };
        Assert.Equal(TransferStatus.Created, (await ledger.Store.Money.SettleAsync(settle, TestLedger.Ct)).Status);
        Assert.Equal(TransferStatus.Exists, (await ledger.Store.Money.SettleAsync(settle, TestLedger.Ct)).Status);
        var job = await ledger.Store.Jobs.FindAsync(hold.Job, ns, TestLedger.Ct);
        // Half of a surrogate pair is no character; what is stored instead is the replacement.
        Assert.Equal(("a\ufffd\0b é 模型", "", "", "", true), (job!.Model, job.Endpoint, job.Finish, job.Error, job.HasReceipt));
        var receipt = await ledger.Store.Jobs.FindReceiptAsync(hold.Job, ns, TestLedger.Ct);
        Assert.NotNull(receipt);
        Assert.Empty(receipt);
        await ledger.AssertCleanAsync();
    }

    [Fact]
    public async Task ListEndedAsync_FromAPlaceOn_TellsTheEndsInTheirOrderAndNobodyElses()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var (mine, theirs) = (await ledger.NamespaceAsync(1_000), await ledger.NamespaceAsync(1_000));
        var jobs = ledger.Store.Jobs;
        HoldRequest[] holds = [Requests.Hold(mine, 100), Requests.Hold(theirs, 100), Requests.Hold(mine, 100), Requests.Hold(mine, 100)];
        foreach (var hold in holds)
            await ledger.Store.Money.HoldAsync(hold, TestLedger.Ct);
        var begun = await jobs.PlaceAsync(TestLedger.Ct);
        Assert.Equal((0, begun, true), Counted(await jobs.ListEndedAsync(0, new HashSet<NamespaceId> { mine }, TestLedger.Ct)));
        foreach (var at in new[] { 2, 1, 0 })
            await ledger.Store.Money.SettleAsync(Requests.Settle(holds[at], 45), TestLedger.Ct);

        var ended = await jobs.ListEndedAsync(begun, new HashSet<NamespaceId> { mine }, TestLedger.Ct);
        Assert.Equal([holds[2].Job, holds[0].Job], ended.Jobs.Select(j => j.Job));
        Assert.Equal(await jobs.FindAsync(holds[2].Job, mine, TestLedger.Ct), ended.Jobs[0]);
        Assert.Equal((2, await jobs.PlaceAsync(TestLedger.Ct), true), Counted(ended));
        Assert.Equal((0, ended.Place, true), Counted(await jobs.ListEndedAsync(ended.Place, new HashSet<NamespaceId> { mine }, TestLedger.Ct)));
        Assert.Equal(3, (await jobs.ListEndedAsync(0, new HashSet<NamespaceId> { mine, theirs }, TestLedger.Ct)).Jobs.Count);
        await ledger.AssertCleanAsync();
    }

    [Fact]
    public async Task ListEndedAsync_ALongLog_ComesInParts()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var ns = await ledger.NamespaceAsync(1_000_000);
        var expected = new List<JobId>();
        while (await ledger.Store.Jobs.PlaceAsync(TestLedger.Ct) <= 2 * LedgerLimits.LogRowsMax)
        {
            var hold = Requests.Hold(ns, 100);
            await ledger.Store.Money.HoldAsync(hold, TestLedger.Ct);
            await ledger.Store.Money.SettleAsync(Requests.Settle(hold, 0), TestLedger.Ct);
            expected.Add(hold.Job);
        }

        var (found, place, parts) = (new List<JobId>(), 0L, 0);
        for (var isLast = false; !isLast; parts++)
        {
            var part = await ledger.Store.Jobs.ListEndedAsync(place, new HashSet<NamespaceId> { ns }, TestLedger.Ct);
            found.AddRange(part.Jobs.Select(j => j.Job));
            (place, isLast) = (part.Place, part.IsLast);
        }

        Assert.Equal(expected, found);
        Assert.Equal(3, parts);
    }

    private static (int, long, bool) Counted(EndedJobs jobs) => (jobs.Jobs.Count, jobs.Place, jobs.IsLast);
}
