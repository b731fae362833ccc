namespace Flotilla.Ledger.Tests;

/// <summary>Processes that die at any moment: what was acknowledged is there, what was not is whole or absent, and no hold stays behind.</summary>
public sealed class CrashTests
{
    private const int KillCount = 20;
    private const int LinesBeforeKillMax = 300;

    [Fact]
    public async Task A_killed_process_loses_nothing_that_it_acknowledged()
    {
        using var folder = new LedgerFolder();
        var ns = await PrepareAsync(folder);
        // The moments are drawn from a fixed seed; where in the writer's work they fall is the machine's own chance.
        var random = new Random(20261120);
        for (var kill = 0; kill < KillCount; kill++)
        {
            var acknowledged = await KillAfterAsync(folder, random.Next(1, LinesBeforeKillMax));
            await using var ledger = await TestLedger.OpenAsync(folder);
            Assert.True(ledger.Store.Recovery.UncleanStop);
            await AssertWholeAsync(ledger, ns, acknowledged);
        }
    }

    [Fact]
    public async Task A_failing_fsync_stops_the_ledger_and_the_next_open_finds_all_that_was_acknowledged()
    {
        const string Strace = "/usr/bin/strace";
        Assert.SkipUnless(File.Exists(Strace), "strace, which injects the error, is not installed.");
        using var folder = new LedgerFolder(onDisk: true);
        var ns = await PrepareAsync(folder);
        using var child = new ChildProcess(
            folder.Database, Strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when=40+");
        var acknowledged = await ReadAllAsync(child);
        await child.EndAsync();
        if (acknowledged.Count == 0)
            Assert.Skip("strace may not trace here: " + await child.ReadErrorAsync());
        Assert.Equal(LoadChild.Faulted, acknowledged[^1]);
        await using var ledger = await TestLedger.OpenAsync(folder);
        await AssertWholeAsync(ledger, ns, acknowledged);
    }

    private static async Task<NamespaceId> PrepareAsync(LedgerFolder folder)
    {
        await using var ledger = await TestLedger.OpenAsync(folder);
        return await ledger.NamespaceAsync(micro: 1_000_000_000);
    }

    private static async Task<List<string>> KillAfterAsync(LedgerFolder folder, int lineCount)
    {
        using var child = new ChildProcess(folder.Database);
        var lines = new List<string>();
        while (lines.Count < lineCount && await child.ReadLineAsync() is { } line)
            lines.Add(line);
        Assert.True(lines.Count == lineCount, "The child ended by itself.");
        child.Kill();
        lines.AddRange(await ReadAllAsync(child));
        await child.EndAsync();
        return lines;
    }

    private static async Task<List<string>> ReadAllAsync(ChildProcess child)
    {
        var lines = new List<string>();
        while (await child.ReadLineAsync() is { } line)
            lines.Add(line);
        return lines;
    }

    private static async Task AssertWholeAsync(TestLedger ledger, NamespaceId ns, List<string> acknowledged)
    {
        await ledger.AssertCleanAsync();
        Assert.Equal(default, ledger.Store.Money.BalanceOf(ns).Held);
        var running = await ledger.Store.RunAsync(state => state.Database.Scalar("SELECT count(*) FROM job WHERE status = 1"), TestLedger.Ct);
        Assert.Equal(0, running);
        foreach (var line in acknowledged)
        {
            // The last line may have been cut by the kill; a whole one ends with an id.
            if (line.Split(' ') is not [var verb, { Length: 35 } id])
                continue;
            var transfer = await ledger.Store.RunAsync(state => state.Transfers.Find(id), TestLedger.Ct);
            Assert.True(transfer is not null, $"'{line}' was acknowledged, and it is not there.");
            Assert.Equal(verb == "hold", transfer.Kind == TransferKind.Hold);
        }
    }
}
