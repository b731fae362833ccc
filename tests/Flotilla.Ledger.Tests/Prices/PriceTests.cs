using FsCheck;
using FsCheck.Fluent;

namespace Flotilla.Ledger.Tests;

public sealed class PriceTests
{
    private static readonly Price Sample = new()
    {
        InputPerMillion = new(10_000_000), CachedInputPerMillion = new(2_500_000), OutputPerMillion = new(40_000_000), NodeShareBasisPoints = 8_000,
    };

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(1, 0, 0, 10)]
    [InlineData(1, 1, 0, 3)] // 2.5
    [InlineData(3, 3, 0, 8)] // 7.5
    [InlineData(100, 40, 7, 980)]
    [InlineData(1_000_000, 0, 1_000_000, 50_000_000)]
    public void Cost_RoundsUpOnce(long input, long cached, long output, long micro) => Assert.Equal(new Credits(micro), Sample.Cost(input, cached, output));

    [Theory]
    [InlineData(-1, 0, 0)]
    [InlineData(1, -1, 0)]
    [InlineData(1, 2, 0)]
    [InlineData(1, 0, -1)]
    public void Cost_CountOutOfRange_Throws(long input, long cached, long output) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Sample.Cost(input, cached, output));

    [Fact]
    public void Cost_BeyondSixtyFourBits_Throws()
    {
        Assert.Throws<OverflowException>(() => Sample.Cost(long.MaxValue, 0, long.MaxValue));
        var dearest = Sample with { InputPerMillion = new(long.MaxValue), OutputPerMillion = new(long.MaxValue) };
        Assert.Throws<OverflowException>(() => dearest.WorstCase(long.MaxValue, long.MaxValue));
        Assert.Equal(new Credits(long.MaxValue), dearest.Cost(1_000_000, 0, 0));
    }

    [Fact]
    public void WorstCase_IsNeverLessThanAnyCost() =>
        Prop.ForAll(
            Gen.Choose(0, 100_000).Three().ToArbitrary(),
            Gen.Choose(0, 90_000_000).Three().ToArbitrary(),
            (tokens, prices) =>
            {
                var price = Sample with { InputPerMillion = new(prices.Item1), CachedInputPerMillion = new(prices.Item2), OutputPerMillion = new(prices.Item3) };
                var cached = Math.Min(tokens.Item1, tokens.Item2);
                var cost = price.Cost(tokens.Item1, cached, tokens.Item3);
                Assert.True(price.WorstCase(tokens.Item1, tokens.Item3) >= cost);
                var pay = price.NodePayOf(cost);
                Assert.True(pay <= cost && pay.Micro >= (cost.Micro * 0.8) - 1);
                // Rounded once: two halves cost at most one micro-credit more than the whole, and never less.
                var half = price.Cost(tokens.Item1 / 2, cached / 2, tokens.Item3 / 2);
                var rest = price.Cost(tokens.Item1 - (tokens.Item1 / 2), cached - (cached / 2), tokens.Item3 - (tokens.Item3 / 2));
                Assert.InRange((half + rest - cost).Micro, 0, 1);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public async Task A_new_ledger_has_the_default_price_and_keeps_it_when_the_option_changes()
    {
        using var folder = new LedgerFolder();
        await using (var ledger = await TestLedger.OpenAsync(folder))
        {
            Assert.Equal(1, ledger.Store.Prices.Current.Version);
            Assert.Equal(new LedgerOptions { Path = "x" }.DefaultPrice, ledger.Store.Prices.Current.For("anything"));
        }

        var options = new LedgerOptions { Path = folder.Database, DefaultPrice = Sample with { NodeShareBasisPoints = 1 } };
        await using var again = await LedgerStore.OpenAsync(options, new ManualTimeProvider(), SystemIdSource.Instance, TestLedger.Ct);
        Assert.Equal(8_000, again.Prices.Current.For("anything").NodeShareBasisPoints);
    }

    [Fact]
    public async Task SetAsync_RaisesTheVersion_AndAnEarlierTableStaysAsItWas()
    {
        using var folder = new LedgerFolder();
        var dear = Sample with { OutputPerMillion = new(99_000_000) };
        await using (var ledger = await TestLedger.OpenAsync(folder))
        {
            var before = ledger.Store.Prices.Current;
            Assert.Equal(2, await ledger.Store.Prices.SetAsync("demo", dear, TestLedger.Ct));
            Assert.Equal(3, await ledger.Store.Prices.SetAsync(PriceTable.AnyModel, Sample with { NodeShareBasisPoints = 0 }, TestLedger.Ct));
            Assert.NotEqual(dear, before.For("demo"));
        }

        await using var again = await TestLedger.OpenAsync(folder);
        var table = again.Store.Prices.Current;
        Assert.Equal((3, dear, 0), (table.Version, table.For("demo"), table.For("other").NodeShareBasisPoints));
        Assert.Equal(["*", "demo"], table.All.Keys.Order());
    }

    [Fact]
    public async Task SetAsync_OutOfRange_Throws()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var prices = ledger.Store.Prices;
        Price[] bad =
        [
            Sample with { InputPerMillion = new(-1) }, Sample with { CachedInputPerMillion = new(-1) }, Sample with { OutputPerMillion = new(-1) },
            Sample with { NodeShareBasisPoints = -1 }, Sample with { NodeShareBasisPoints = 10_001 },
        ];
        foreach (var price in bad)
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => prices.SetAsync("demo", price, TestLedger.Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => prices.SetAsync(" ", Sample, TestLedger.Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => prices.SetAsync(new string('m', LedgerLimits.ModelCharsMax + 1), Sample, TestLedger.Ct));
        Assert.Equal(1, prices.Current.Version);
    }
}
