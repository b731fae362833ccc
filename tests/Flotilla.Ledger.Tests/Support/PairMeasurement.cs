using System.Diagnostics;
using System.Globalization;

namespace Flotilla.Ledger.Tests;

/// <summary>What a hold and its settlement cost: <c>ledger-pairs FILE [pairs] [concurrency]</c>, in a new ledger.</summary>
internal static class PairMeasurement
{
    public const string Verb = "ledger-pairs";

    public static int Run(string[] args)
    {
        var pairs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 50_000;
        var concurrency = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 64;
        RunAsync(args[0], pairs, concurrency).GetAwaiter().GetResult();
        return 0;
    }

    private static async Task RunAsync(string path, int pairs, int concurrency)
    {
        await using var store = await LedgerStore.OpenAsync(new LedgerOptions { Path = path }, TimeProvider.System, SystemIdSource.Instance, default);
        var account = await store.Keys.CreateAccountAsync("operator");
        var ns = await store.Keys.CreateNamespaceAsync(account, "customer");
        await store.Money.FundAsync(Requests.Fund(ns, long.MaxValue / 2), default);
        await PairsAsync(store, ns, account, pairs / 5, concurrency);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        await PairsAsync(store, ns, account, pairs, concurrency);
        clock.Stop();
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{pairs} pairs at {concurrency}: {cpu.TotalMicroseconds / pairs:F1} µs CPU and {clock.Elapsed.TotalMicroseconds / pairs:F1} µs a pair"));
        var audit = Stopwatch.StartNew();
        var report = await store.AuditAsync(default);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"audit of {report.Transfers} transfers: {report.ViolationCount} violations, {audit.Elapsed.TotalMilliseconds:F0} ms"));
    }

    private static Task PairsAsync(LedgerStore store, NamespaceId ns, AccountId account, int pairs, int concurrency) =>
        Task.WhenAll(Enumerable.Range(0, concurrency).Select(async _ =>
        {
            var receipt = new byte[1_000];
            for (var i = 0; i < pairs / concurrency; i++)
            {
                var hold = Requests.Hold(ns, 1_000);
                await store.Money.HoldAsync(hold, default);
                await store.Money.SettleAsync(Requests.Settle(hold, 700, account, 560) with { Receipt = receipt }, default);
            }
        }));
}
