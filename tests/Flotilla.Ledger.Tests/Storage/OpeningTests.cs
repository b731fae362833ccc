using SQLitePCL;

namespace Flotilla.Ledger.Tests;

public sealed class OpeningTests
{
    [Fact]
    public async Task A_second_open_is_refused_and_names_the_file()
    {
        using var folder = new LedgerFolder();
        await using var ledger = await TestLedger.OpenAsync(folder);
        var refused = await Assert.ThrowsAsync<LedgerInUseException>(() => TestLedger.OpenAsync(folder));
        Assert.Equal(folder.Database, refused.Path);
        Assert.Contains(folder.Database, refused.Message, StringComparison.Ordinal);
        await ledger.NamespaceAsync(micro: 5);
    }

    [Fact]
    public async Task Without_its_lock_file_the_database_itself_keeps_a_second_one_out()
    {
        using var folder = new LedgerFolder();
        await using var ledger = await TestLedger.OpenAsync(folder);
        File.Delete(folder.Database + ".lock");
        await Assert.ThrowsAsync<LedgerInUseException>(() => TestLedger.OpenAsync(folder));
        Assert.Equal(raw.SQLITE_BUSY, RawSql.Run(folder.Database, "SELECT count(*) FROM transfer"));
        await ledger.NamespaceAsync(micro: 5);
        await ledger.AssertCleanAsync();
    }

    [Fact]
    public async Task A_closed_ledger_opens_again_with_everything_in_it()
    {
        using var folder = new LedgerFolder();
        NamespaceId ns;
        await using (var first = await TestLedger.OpenAsync(folder))
        {
            ns = await first.NamespaceAsync(micro: 500);
            Assert.Equal(new RecoveryReport(1, UncleanStop: false, 0, default), first.Store.Recovery);
        }

        Assert.Equal(0, File.Exists(folder.Database + "-wal") ? new FileInfo(folder.Database + "-wal").Length : 0);
        await using var second = await TestLedger.OpenAsync(folder);
        Assert.Equal(new RecoveryReport(2, UncleanStop: false, 0, default), second.Store.Recovery);
        Assert.Equal(new Balance(new(500), default), second.Store.Money.BalanceOf(ns));
        await second.AssertCleanAsync();
    }

    [Fact]
    public async Task Holds_of_a_process_that_is_gone_return_to_their_namespace()
    {
        using var folder = new LedgerFolder();
        using var copy = new LedgerFolder();
        var hold = default(HoldRequest)!;
        await using (var first = await TestLedger.OpenAsync(folder))
        {
            hold = Requests.Hold(await first.NamespaceAsync(micro: 500), 300);
            await first.Store.Money.HoldAsync(hold, TestLedger.Ct);
            CopyLedger(folder, copy);
        }

        await using var second = await TestLedger.OpenAsync(copy);
        Assert.Equal(new RecoveryReport(2, UncleanStop: true, 1, new(300)), second.Store.Recovery);
        Assert.Equal(new Balance(new(500), default), second.Store.Money.BalanceOf(hold.Namespace));
        var job = await second.Store.Jobs.FindAsync(hold.Job, hold.Namespace, TestLedger.Ct);
        Assert.Equal(JobStatus.Failed, job!.Status);
        Assert.Contains("gateway stopped", job.Error, StringComparison.Ordinal);
        Assert.Equal(TransferStatus.HoldAlreadyVoided, (await second.Store.Money.SettleAsync(Requests.Settle(hold, 5), TestLedger.Ct)).Status);
        Assert.Equal(TransferStatus.Exists, (await second.Store.Money.HoldAsync(hold, TestLedger.Ct)).Status);
        await second.AssertCleanAsync();
    }

    [Fact]
    public async Task A_write_ahead_log_that_is_torn_anywhere_leaves_a_whole_prefix()
    {
        const int CutCount = 40;
        using var folder = new LedgerFolder();
        using var copy = new LedgerFolder();
        await using (var first = await TestLedger.OpenAsync(folder))
        {
            var ns = await first.NamespaceAsync(micro: 1_000);
            for (var i = 0; i < 5; i++)
            {
                var hold = Requests.Hold(ns, 100);
                await first.Store.Money.HoldAsync(hold, TestLedger.Ct);
                await first.Store.Money.SettleAsync(Requests.Settle(hold, 50), TestLedger.Ct);
            }

            CopyLedger(folder, copy);
        }

        var log = await File.ReadAllBytesAsync(copy.Database + "-wal", TestLedger.Ct);
        var issued = new HashSet<long>();
        for (var cut = 1; cut <= CutCount; cut++)
        {
            using var torn = new LedgerFolder();
            File.Copy(copy.Database, torn.Database);
            var length = (int)((long)log.Length * cut / CutCount);
            var part = log[..length];
            if (cut % 2 == 1)
                part[^(1 + (cut * 13 % 500))] ^= 0x10;
            await File.WriteAllBytesAsync(torn.Database + "-wal", part, TestLedger.Ct);
            await using var ledger = await TestLedger.OpenAsync(torn);
            await ledger.AssertCleanAsync();
            issued.Add(ledger.Store.Money.Totals.Owned.Micro);
        }

        Assert.Superset(new HashSet<long> { 0, 1_000, 750 }, issued);
    }

    [Fact]
    public async Task Tables_of_a_newer_version_are_refused()
    {
        using var folder = new LedgerFolder();
        await (await TestLedger.OpenAsync(folder)).DisposeAsync();
        Assert.Equal(raw.SQLITE_OK, RawSql.Run(folder.Database, "PRAGMA user_version = 9999"));
        var refused = await Assert.ThrowsAsync<LedgerUnusableException>(() => TestLedger.OpenAsync(folder));
        Assert.Contains("9999", refused.Message, StringComparison.Ordinal);
        Assert.Equal(raw.SQLITE_OK, RawSql.Run(folder.Database, "PRAGMA user_version = 2"));
        await (await TestLedger.OpenAsync(folder)).DisposeAsync();
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        using var folder = new LedgerFolder();
        var text = Enumerable.Repeat("This is no ledger. ", 100).Aggregate(string.Concat);
        await File.WriteAllTextAsync(folder.Database, text, TestLedger.Ct);
        await Assert.ThrowsAsync<LedgerUnusableException>(() => TestLedger.OpenAsync(folder));
        Assert.Equal(text, await File.ReadAllTextAsync(folder.Database, TestLedger.Ct));
    }

    [Fact]
    public async Task Damage_is_found_after_an_unclean_stop()
    {
        using var folder = new LedgerFolder();
        await using (var ledger = await TestLedger.OpenAsync(folder))
            await ledger.NamespaceAsync(micro: 5);
        Assert.Equal(raw.SQLITE_OK, RawSql.Run(folder.Database, "UPDATE meta SET value = 0 WHERE name = 'clean'; PRAGMA wal_checkpoint(TRUNCATE)"));
        var bytes = await File.ReadAllBytesAsync(folder.Database, TestLedger.Ct);
        // Every page but the first three, where the list of tables lies.
        bytes.AsSpan(3 * 4096).Fill(0x5a);
        await File.WriteAllBytesAsync(folder.Database, bytes, TestLedger.Ct);
        var refused = await Assert.ThrowsAsync<LedgerUnusableException>(() => TestLedger.OpenAsync(folder));
        Assert.Contains(folder.Database, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_files_are_readable_by_their_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        using var folder = new LedgerFolder();
        await using var ledger = await TestLedger.OpenAsync(folder);
        await ledger.NamespaceAsync(micro: 5);
        foreach (var file in (string[])[folder.Database, folder.Database + "-wal"])
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Theory]
    [InlineData(3_034_001)]
    [InlineData(3_052_000)]
    public void CheckLibrary_Unfit_Throws(int version) => Assert.Throws<LedgerUnusableException>(() => Database.CheckLibrary(version));

    [Theory]
    [InlineData(3_035_005)]
    [InlineData(3_051_003)]
    [InlineData(3_053_000)]
    public void CheckLibrary_Fit_Returns(int version)
    {
        Database.CheckLibrary(version);
        Assert.True(Database.LibraryVersion >= LedgerLimits.SqliteVersionMin);
    }

    private static void CopyLedger(LedgerFolder from, LedgerFolder to)
    {
        File.Copy(from.Database, to.Database);
        File.Copy(from.Database + "-wal", to.Database + "-wal");
    }
}
