using Flotilla.Engine.Numerics;
using Xunit;

namespace Flotilla.Engine.Tests.Numerics;

public sealed class DeterministicMathTests
{
    private static readonly Random s_random = new(1);

    [Fact]
    public void Exp_is_the_platforms_within_two_units() => Compare(DeterministicMath.Exp, Math.Exp, -700, 700, 4e-16);

    [Fact]
    public void Log_is_the_platforms_within_two_units()
    {
        Compare(DeterministicMath.Log, Math.Log, 1e-300, 3, 5e-16);
        Compare(DeterministicMath.Log, Math.Log, 3, 1e12, 5e-16);
    }

    [Fact]
    public void SinCos_is_the_platforms_up_to_long_contexts()
    {
        for (var round = 0; round < 20_000; round++)
        {
            var x = s_random.NextDouble() * Math.Pow(10, round % 8);
            var (sin, cos) = DeterministicMath.SinCos(x);
            Assert.Equal(Math.Sin(x), sin, 4e-16);
            Assert.Equal(Math.Cos(x), cos, 4e-16);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1000, 0)]
    [InlineData(1000, double.PositiveInfinity)]
    [InlineData(double.NaN, double.NaN)]
    public void Exp_at_the_edges(double x, double expected) => Assert.Equal(expected, DeterministicMath.Exp(x));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, double.NegativeInfinity)]
    [InlineData(-1, double.NaN)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity)]
    public void Log_at_the_edges(double x, double expected) => Assert.Equal(expected, DeterministicMath.Log(x));

    /// <summary>Committed bits: a compiler that contracts or reorders would change them.</summary>
    [Fact]
    public void Results_are_the_committed_bits()
    {
        ulong[] bits =
        [
            BitConverter.DoubleToUInt64Bits(DeterministicMath.Exp(1.2345)), BitConverter.DoubleToUInt64Bits(DeterministicMath.Exp(-45.6)),
            BitConverter.DoubleToUInt64Bits(DeterministicMath.Log(10_000)), BitConverter.DoubleToUInt64Bits(DeterministicMath.Log(0.3)),
            BitConverter.DoubleToUInt64Bits(DeterministicMath.SinCos(12345.678).Sin), BitConverter.DoubleToUInt64Bits(DeterministicMath.SinCos(0.7).Cos),
        ];
        Assert.Equal(
            [0x400B7E47790DA685, 0x3BD28C019D35E69B, 0x40226BB1BBB55516, 0xBFF34378FCBDA721, 0xBFE687D5890974A5, 0x3FE87996529F9D93], bits);
    }

    private static void Compare(Func<double, double> ours, Func<double, double> theirs, double min, double max, double tolerance)
    {
        for (var round = 0; round < 20_000; round++)
        {
            var x = min + (s_random.NextDouble() * (max - min));
            Assert.InRange(ours(x) - theirs(x), -tolerance * Math.Abs(theirs(x)), tolerance * Math.Abs(theirs(x)));
        }
    }
}
