namespace Flotilla.Ledger.Tests;

public sealed class WriterTests
{
    [Fact]
    public async Task In_a_batch_with_one_bad_operation_the_others_succeed()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var ns = await ledger.NamespaceAsync(micro: 100);
        var open = Requests.Hold(ns, 30);
        await ledger.Store.Money.HoldAsync(open, TestLedger.Ct);
        using var gate = new WriterGate(ledger.Store);
        await gate.Closed;
        var settled = ledger.Store.Money.SettleAsync(Requests.Settle(open, 5), TestLedger.Ct);
        var before = ledger.Store.Money.HoldAsync(Requests.Hold(ns, 10), TestLedger.Ct);
        var bad = ledger.Store.RunAsync<int>(_ => throw new InvalidOperationException("planted"), TestLedger.Ct);
        var constraint = ledger.Store.RunAsync(
            state =>
            {
                state.Database.Execute("UPDATE ledger_account SET debits_pending = 1000 WHERE role = 1");
                return 0;
            },
            TestLedger.Ct);
        var after = ledger.Store.Money.HoldAsync(Requests.Hold(ns, 10), TestLedger.Ct);
        await gate.OpenAsync();
        Assert.Equal("planted", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad)).Message);
        Assert.True((await Assert.ThrowsAsync<SqliteFailure>(() => constraint)).IsRefusal);
        Assert.Equal(new SettleResult(TransferStatus.Created, new(5), new(95)), await settled);
        Assert.Equal(TransferStatus.Created, (await before).Status);
        Assert.Equal(new HoldResult(TransferStatus.Created, new(75)), await after);
        await ledger.AssertCleanAsync();
    }

    [Fact]
    public async Task A_hold_is_refused_when_the_queue_is_full_and_a_settlement_waits()
    {
        await using var ledger = await TestLedger.OpenAsync(options => options with { QueueOpsMax = 2 });
        var ns = await ledger.NamespaceAsync(micro: 100);
        var hold = Requests.Hold(ns, 10);
        await ledger.Store.Money.HoldAsync(hold, TestLedger.Ct);
        using var gate = new WriterGate(ledger.Store);
        await gate.Closed;
        var queued = Enumerable.Range(0, 2).Select(_ => ledger.Store.Money.HoldAsync(Requests.Hold(ns, 10), TestLedger.Ct).AsTask()).ToArray();
        var settling = ledger.Store.Money.SettleAsync(Requests.Settle(hold, 4), TestLedger.Ct);
        var refused = await ledger.Store.Money.HoldAsync(Requests.Hold(ns, 10), TestLedger.Ct);
        Assert.Equal(new HoldResult(TransferStatus.LedgerIsBusy, new(90)), refused);
        Assert.False(settling.IsCompleted);
        await gate.OpenAsync();
        Assert.All(await Task.WhenAll(queued), result => Assert.Equal(TransferStatus.Created, result.Status));
        Assert.Equal(TransferStatus.Created, (await settling).Status);
        Assert.Equal(new Balance(new(96), new(20)), ledger.Store.Money.BalanceOf(ns));
    }

    [Fact]
    public async Task What_waits_together_is_committed_together()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var ns = await ledger.NamespaceAsync(micro: 1_000);
        using var gate = new WriterGate(ledger.Store);
        await gate.Closed;
        var holds = Enumerable.Range(0, 100).Select(_ => ledger.Store.Money.HoldAsync(Requests.Hold(ns, 1), TestLedger.Ct).AsTask()).ToArray();
        Assert.Equal(default, ledger.Store.Money.BalanceOf(ns).Held);
        await gate.OpenAsync();
        // Published when the batch was durable: the first answer already sees the last hold.
        await holds[0];
        Assert.Equal(new Credits(100), ledger.Store.Money.BalanceOf(ns).Held);
        await Task.WhenAll(holds);
    }

    [Fact]
    public async Task Work_waits_for_one_read_at_most_however_many_came_before_it()
    {
        await using var ledger = await TestLedger.OpenAsync();
        using var gate = new WriterGate(ledger.Store);
        await gate.Closed;
        var order = new List<string>();
        int Note(string what)
        {
            order.Add(what);
            return 0;
        }

        var reads = Enumerable.Range(0, 50).Select(_ => ledger.Store.ReadAsync(_ => Note("read"), TestLedger.Ct)).ToArray();
        var work = ledger.Store.RunAsync(_ => Note("work"), TestLedger.Ct);
        await gate.OpenAsync();
        await work;
        await Task.WhenAll(reads);

        Assert.InRange(order.IndexOf("work"), 0, 1);
        Assert.Equal(51, order.Count);
    }

    [Fact]
    public async Task A_cancelled_request_is_never_queued()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var ns = await ledger.NamespaceAsync(micro: 100);
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ledger.Store.Money.HoldAsync(Requests.Hold(ns, 10), cancelled).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ledger.Store.Money.FundAsync(Requests.Fund(ns, 10), cancelled).AsTask());
        Assert.Equal(new Balance(new(100), default), ledger.Store.Money.BalanceOf(ns));
    }

    [Fact]
    public async Task A_closed_ledger_refuses_everything()
    {
        var ledger = await TestLedger.OpenAsync();
        var ns = await ledger.NamespaceAsync(micro: 100);
        await ledger.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledger.Store.Money.HoldAsync(Requests.Hold(ns, 10), TestLedger.Ct).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledger.Store.Money.FundAsync(Requests.Fund(ns, 10), TestLedger.Ct).AsTask());
    }

    [Fact]
    public async Task A_hold_expires_by_itself_when_nothing_else_happens()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var ns = await ledger.NamespaceAsync(micro: 100);
        var hold = Requests.Hold(ns, 60);
        await ledger.Store.Money.HoldAsync(hold, TestLedger.Ct);
        await ledger.AdvanceAsync(hold.Timeout);
        Assert.Equal(new Balance(new(100), default), ledger.Store.Money.BalanceOf(ns));
        var job = await ledger.Store.Jobs.FindAsync(hold.Job, ns, TestLedger.Ct);
        Assert.Equal(JobStatus.Expired, job!.Status);
        await ledger.AssertCleanAsync();
    }

    [Fact]
    public async Task Transfers_are_stamped_in_order_although_the_clock_stands_still()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var ns = await ledger.NamespaceAsync();
        for (var i = 0; i < 20; i++)
            await ledger.Store.Money.FundAsync(Requests.Fund(ns, 1), TestLedger.Ct);
        var disordered = await ledger.Store.RunAsync(
            state => state.Database.Scalar("SELECT count(*) FROM transfer a JOIN transfer b ON b.seq = a.seq + 1 WHERE b.created_us <= a.created_us"), TestLedger.Ct);
        Assert.Equal(0, disordered);
    }
}
