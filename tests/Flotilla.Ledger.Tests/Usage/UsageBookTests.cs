namespace Flotilla.Ledger.Tests;

public sealed class UsageBookTests
{
    private static readonly DateOnly FirstDay = new(2026, 1, 1);

    [Fact]
    public async Task SumAsync_ByEverything_AddsUpWhatEnded()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var (first, second) = await FillAsync(ledger);
        UsageRow Row(DateOnly? day, NamespaceId? ns, string? key, string? model, long jobs, long charge) => new()
        {
            Day = day, Namespace = ns, Key = key is null ? null : new KeyId(key), Model = model, Jobs = jobs,
            PromptTokens = 12 * jobs, CachedTokens = 4 * jobs, CompletionTokens = 30 * jobs, Charge = new(charge),
        };

        Assert.Equal([Row(null, null, null, null, 5, 75)], await SumAsync(ledger, new()));
        Assert.Equal([Row(null, null, null, "big", 2, 60), Row(null, null, null, "small", 3, 15)], await SumAsync(ledger, new() { GroupBy = UsageGrouping.Model }));
        Assert.Equal(
            new[] { Row(null, first, null, null, 4, 70), Row(null, second, null, null, 1, 5) }.OrderBy(row => row.Namespace!.Value.Value, StringComparer.Ordinal),
            await SumAsync(ledger, new() { GroupBy = UsageGrouping.Namespace }));
        Assert.Equal(
            [Row(FirstDay, null, "key_a", null, 2, 35), Row(FirstDay, null, "key_b", null, 1, 5), Row(FirstDay.AddDays(1), null, "key_b", null, 1, 30)],
            await SumAsync(ledger, new() { Namespace = first, GroupBy = UsageGrouping.Day | UsageGrouping.Key }));
        Assert.Equal([Row(null, null, null, null, 2, 35)], await SumAsync(ledger, new() { Key = new("key_a") }));
        Assert.Equal([Row(null, null, null, null, 1, 5)], await SumAsync(ledger, new() { Namespace = second, Model = "small" }));
        Assert.Equal([], await SumAsync(ledger, new() { Namespace = second, Model = "big", GroupBy = UsageGrouping.Model }));
    }

    [Fact]
    public async Task SumAsync_FromAndTo_AreHours()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var start = ledger.Clock.GetUtcNow();
        await FillAsync(ledger);
        async Task<long> JobsAsync(DateTimeOffset? from, DateTimeOffset? to) => (await SumAsync(ledger, new() { From = from, To = to, GroupBy = UsageGrouping.Day })).Sum(row => row.Jobs);
        Assert.Equal(5, await JobsAsync(null, null));
        Assert.Equal(4, await JobsAsync(start, start.AddHours(1)));
        Assert.Equal(4, await JobsAsync(start.AddMinutes(59), start.AddHours(25)));
        Assert.Equal(1, await JobsAsync(start.AddHours(25), null));
        Assert.Equal(0, await JobsAsync(start.AddHours(1), start.AddHours(25)));
    }

    /// <summary>Four jobs in the first hour (one of them in the second namespace), one a day and an hour later.</summary>
    private static async Task<(NamespaceId First, NamespaceId Second)> FillAsync(TestLedger ledger)
    {
        var first = await ledger.NamespaceAsync(1_000);
        var second = await ledger.NamespaceAsync(1_000);
        await JobAsync(ledger, first, "key_a", "big", 30);
        await JobAsync(ledger, first, "key_a", "small", 5);
        await JobAsync(ledger, first, "key_b", "small", 5);
        await JobAsync(ledger, second, "key_c", "small", 5);
        ledger.Clock.Advance(TimeSpan.FromHours(25));
        await JobAsync(ledger, first, "key_b", "big", 30);
        // One that still runs is no usage yet.
        await ledger.Store.Money.HoldAsync(Requests.Hold(first, 1), TestLedger.Ct);
        await ledger.AssertCleanAsync();
        return (first, second);
    }

    private static async Task JobAsync(TestLedger ledger, NamespaceId ns, string key, string model, long charge)
    {
        var hold = Requests.Hold(ns, 100) with { Key = new(key), Model = model };
        await ledger.Store.Money.HoldAsync(hold, TestLedger.Ct);
        Assert.Equal(TransferStatus.Created, (await ledger.Store.Money.SettleAsync(Requests.Settle(hold, charge), TestLedger.Ct)).Status);
    }

    private static Task<IReadOnlyList<UsageRow>> SumAsync(TestLedger ledger, UsageQuery query) => ledger.Store.Usage.SumAsync(query, TestLedger.Ct);
}
