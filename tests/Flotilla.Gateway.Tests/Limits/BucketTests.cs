using Flotilla.Gateway.Limits;
using Flotilla.Testing;

namespace Flotilla.Gateway.Tests.Limits;

public sealed class BucketTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Take_AMinutesWorth_IsThereAtOnceAndFlowsBackEvenly()
    {
        var bucket = new Bucket(60, _clock);

        for (var i = 0; i < 60; i++)
            Assert.Equal(TimeSpan.Zero, bucket.Take(1));
        Assert.Equal((0L, TimeSpan.FromMinutes(1)), (bucket.Remaining, bucket.Reset));
        Assert.Equal(1, bucket.Take(1).TotalSeconds, 3);

        _clock.Advance(TimeSpan.FromSeconds(1.001));
        Assert.Equal(TimeSpan.Zero, bucket.Take(1));
        Assert.NotEqual(TimeSpan.Zero, bucket.Take(1));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(60, bucket.Remaining);
    }

    [Fact]
    public void Take_MoreThanTheLimit_PassesWhenNothingElseIsTaken()
    {
        var bucket = new Bucket(100, _clock);

        Assert.Equal(TimeSpan.Zero, bucket.Take(1_000));
        Assert.Equal(TimeSpan.FromMinutes(1), bucket.Take(1_000));
    }

    [Theory]
    [InlineData(80, 10, 90)]
    [InlineData(80, 0, 100)]
    [InlineData(80, 100, 0)]
    [InlineData(1_000, 10, 90)]
    [InlineData(80, 500, 0)]
    public void Correct_AfterTheFact_LeavesWhatWasUsed(long taken, long used, long remaining)
    {
        var bucket = new Bucket(100, _clock);
        bucket.Take(taken);

        bucket.Correct(taken, used);

        Assert.Equal(remaining, bucket.Remaining);
    }

    [Fact]
    public void Take_WithoutALimit_NeverWaits()
    {
        var bucket = new Bucket(0, _clock);

        Assert.Equal(TimeSpan.Zero, bucket.Take(long.MaxValue));
        Assert.Equal(TimeSpan.Zero, bucket.Take(long.MaxValue));
    }

    [Theory]
    [InlineData(0, "0ms")]
    [InlineData(20, "20ms")]
    [InlineData(1_000, "1s")]
    [InlineData(1_500, "1.5s")]
    [InlineData(360_000, "6m0s")]
    [InlineData(3_661_000, "61m1s")]
    public void Duration_IsOpenAIs(int milliseconds, string text) => Assert.Equal(text, Level.Duration(TimeSpan.FromMilliseconds(milliseconds)));
}
