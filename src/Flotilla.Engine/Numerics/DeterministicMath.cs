namespace Flotilla.Engine.Numerics;

/// <summary>
/// exp, log, sin and cos in double precision from +, −, ×, ÷ and fused multiply-add alone: the same bits on every machine,
/// where the platform's own functions differ in the last place. Errors stay below 2 units in the last place in the ranges
/// that the engine uses; for vectors in single precision see <c>Kernels/Exponential.cs</c>.
/// </summary>
internal static class DeterministicMath
{
    private const double Ln2High = 0.693147180369123816490;
    private const double Ln2Low = 1.90821492927058770002e-10;
    private const double HalfPiHigh = 1.5707963267948966;
    private const double HalfPiLow = 6.123233995736766e-17;

    /// <summary>Adding and subtracting 1.5·2^52 rounds to the nearest integer, ties to even.</summary>
    private const double RoundingShift = 6755399441055744.0;

    /// <summary>e^x; 0 below −708, infinity above 709.</summary>
    public static double Exp(double x)
    {
        if (double.IsNaN(x))
            return x;
        if (x < -708)
            return 0;
        if (x > 709)
            return double.PositiveInfinity;
        var n = (x * 1.4426950408889634) + RoundingShift - RoundingShift;
        var r = Math.FusedMultiplyAdd(-n, Ln2Low, Math.FusedMultiplyAdd(-n, Ln2High, x));
        var p = 1.0;
        for (var k = 13; k >= 1; k--)
            p = 1 + (r * p / k);
        return p * BitConverter.Int64BitsToDouble(((long)n + 1023) << 52);
    }

    /// <summary>ln x of a positive, normal number.</summary>
    public static double Log(double x)
    {
        if (!(x >= 2.2250738585072014e-308) || double.IsPositiveInfinity(x))
            return x == 0 ? double.NegativeInfinity : double.IsPositiveInfinity(x) ? x : double.NaN;
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponent = (int)(bits >> 52) - 1023;
        var m = BitConverter.Int64BitsToDouble((bits & 0xF_FFFF_FFFF_FFFF) | (1023L << 52));
        if (m > 1.4142135623730951)
        {
            m *= 0.5;
            exponent++;
        }

        var s = (m - 1) / (m + 1);
        var z = s * s;
        var p = 0.0;
        for (var k = 23; k >= 3; k -= 2)
            p = (p + (1.0 / k)) * z;
        return (exponent * Ln2High) + (((2 * s * p) + (exponent * Ln2Low)) + (2 * s));
    }

    /// <summary>sin x and cos x for |x| up to 2^30.</summary>
    public static (double Sin, double Cos) SinCos(double x)
    {
        var n = (x * 0.6366197723675814) + RoundingShift - RoundingShift;
        var r = Math.FusedMultiplyAdd(-n, HalfPiLow, Math.FusedMultiplyAdd(-n, HalfPiHigh, x));
        var z = r * r;
        var sin = 1.0;
        for (var k = 16; k >= 2; k -= 2)
            sin = 1 - (z * sin / (k * (k + 1)));
        sin *= r;
        var cos = 1.0;
        for (var k = 17; k >= 1; k -= 2)
            cos = 1 - (z * cos / (k * (k + 1)));
        return ((long)n & 3) switch
        {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }
}
