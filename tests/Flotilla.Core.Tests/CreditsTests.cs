namespace Flotilla.Core.Tests;

public sealed class CreditsTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("12", 12_000_000)]
    [InlineData("0.000125", 125)]
    [InlineData("1.5", 1_500_000)]
    [InlineData("-3.25", -3_250_000)]
    [InlineData("1.000000", 1_000_000)]
    [InlineData("9223372036854", 9_223_372_036_854_000_000)]
    public void TryParse_Amount_GivesMicroCredits(string text, long micro)
    {
        Assert.True(Credits.TryParse(text, out var value));
        Assert.Equal(micro, value.Micro);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("1.0000001")]
    [InlineData("1,000")]
    [InlineData("1e3")]
    [InlineData("9223372036855")]
    [InlineData("-9223372036855")]
    [InlineData("79228162514264337593543950336")]
    [InlineData("NaN")]
    public void TryParse_AnythingElse_IsRefused(string? text)
    {
        Assert.False(Credits.TryParse(text, out var value));
        Assert.Equal(Credits.Zero, value);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "0.000001")]
    [InlineData(1_500_000, "1.5")]
    [InlineData(-125, "-0.000125")]
    [InlineData(long.MaxValue, "9223372036854.775807")]
    public void ToString_Amount_HasNoTrailingZeros(long micro, string text) => Assert.Equal(text, new Credits(micro).ToString());

    [Fact]
    public void Sum_BeyondTheRange_Throws()
    {
        Assert.Throws<OverflowException>(() => new Credits(long.MaxValue) + new Credits(1));
        Assert.Throws<OverflowException>(() => new Credits(long.MinValue) - new Credits(1));
    }

    [Fact]
    public void Comparison_FollowsTheAmount()
    {
        var less = new Credits(1);
        var more = new Credits(2);
        Assert.True(less < more && more > less && less <= more && more >= less);
        Assert.Equal(less, Credits.Min(more, less));
        Assert.True(less.CompareTo(more) < 0);
    }
}
