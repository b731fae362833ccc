using System.Diagnostics;

namespace Flotilla.Ledger.Tests;

/// <summary>A disk without room, and one that fails.</summary>
public sealed class DiskTests
{
    [Fact]
    public async Task A_full_database_refuses_without_a_trace_and_goes_on_when_there_is_room()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var ns = await ledger.NamespaceAsync(micro: 1_000_000);
        var open = Requests.Hold(ns, 10);
        Assert.Equal(TransferStatus.Created, (await ledger.Store.Money.HoldAsync(open, TestLedger.Ct)).Status);
        var settle = Requests.Settle(open, 7) with { Receipt = new byte[LedgerLimits.ReceiptBytesMax] };
        await LimitPagesAsync(ledger, await PagesAsync(ledger));

        Assert.Equal(TransferStatus.StorageIsFull, (await ledger.Store.Money.SettleAsync(settle, TestLedger.Ct)).Status);
        HoldRequest refused;
        do
            refused = Requests.Hold(ns, 10);
        while ((await ledger.Store.Money.HoldAsync(refused, TestLedger.Ct)).Status == TransferStatus.Created);
        Assert.Equal(TransferStatus.StorageIsFull, (await ledger.Store.Money.HoldAsync(refused, TestLedger.Ct)).Status);
        await Assert.ThrowsAsync<LedgerFullException>(() => FillWithAccountsAsync(ledger));
        await ledger.AssertCleanAsync();

        await LimitPagesAsync(ledger, 1_000_000);
        Assert.Equal(TransferStatus.Created, (await ledger.Store.Money.HoldAsync(refused, TestLedger.Ct)).Status);
        Assert.Equal(TransferStatus.Created, (await ledger.Store.Money.SettleAsync(settle, TestLedger.Ct)).Status);
        await ledger.AssertCleanAsync();
    }

    [Fact]
    public async Task A_full_file_system_refuses_without_a_trace_and_goes_on_when_there_is_room()
    {
        using var folder = new LedgerFolder();
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.Path) == 0, "A tmpfs can't be mounted here.");
        try
        {
            var filler = Path.Combine(folder.Path, "filler");
            await File.WriteAllBytesAsync(filler, new byte[300_000], TestLedger.Ct);
            await using var ledger = await TestLedger.OpenAsync(folder);
            var ns = await ledger.NamespaceAsync(micro: 1_000_000);
            HoldRequest refused;
            TransferStatus status;
            do
            {
                refused = Requests.Hold(ns, 1);
                status = (await ledger.Store.Money.HoldAsync(refused, TestLedger.Ct)).Status;
            }
            while (status == TransferStatus.Created);

            Assert.Equal(TransferStatus.StorageIsFull, status);
            await ledger.AssertCleanAsync();
            File.Delete(filler);
            Assert.Equal(TransferStatus.Created, (await ledger.Store.Money.HoldAsync(refused, TestLedger.Ct)).Status);
            await ledger.AssertCleanAsync();
        }
        finally
        {
            Assert.Equal(0, Run("umount", folder.Path));
        }
    }

    [Fact]
    public async Task After_an_error_of_the_disk_nothing_is_accepted_any_more()
    {
        using var folder = new LedgerFolder();
        var hold = default(HoldRequest)!;
        await using (var ledger = await TestLedger.OpenAsync(folder))
        {
            hold = Requests.Hold(await ledger.NamespaceAsync(micro: 100), 60);
            Assert.Equal(TransferStatus.Created, (await ledger.Store.Money.HoldAsync(hold, TestLedger.Ct)).Status);
            var failing = ledger.Store.RunAsync<int>(_ => throw new SqliteFailure(10, 1034, "disk I/O error"), TestLedger.Ct);
            await Assert.ThrowsAsync<LedgerFaultedException>(() => failing);
            await Assert.ThrowsAsync<LedgerFaultedException>(() => ledger.Store.Money.HoldAsync(Requests.Hold(hold.Namespace, 1), TestLedger.Ct).AsTask());
            await Assert.ThrowsAsync<LedgerFaultedException>(() => ledger.Store.Money.SettleAsync(Requests.Settle(hold, 1), TestLedger.Ct).AsTask());
            await Assert.ThrowsAsync<LedgerFaultedException>(() => ledger.Store.AuditAsync(TestLedger.Ct));
            Assert.Contains(folder.Database, ledger.Store.Fault!.Message, StringComparison.Ordinal);
            ledger.Clock.Advance(hold.Timeout);
        }

        await using var again = await TestLedger.OpenAsync(folder);
        Assert.True(again.Store.Recovery is { UncleanStop: true, HoldsVoided: 1 });
        Assert.Equal(new Credits(100), again.Store.Money.BalanceOf(hold.Namespace).Available);
        await again.AssertCleanAsync();
    }

    private static Task<long> PagesAsync(TestLedger ledger) =>
        ledger.Store.RunAsync(state => state.Database.Scalar("PRAGMA page_count"), TestLedger.Ct);

    private static async Task LimitPagesAsync(TestLedger ledger, long pages) => Assert.Equal(
        pages, await ledger.Store.RunAsync(state => state.Database.Scalar($"PRAGMA max_page_count = {pages}"), TestLedger.Ct));

    private static async Task FillWithAccountsAsync(TestLedger ledger)
    {
        while (true)
            await ledger.Store.Keys.CreateAccountAsync(new string('x', LedgerLimits.NameCharsMax), TestLedger.Ct);
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
