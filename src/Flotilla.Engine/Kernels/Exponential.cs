using System.Runtime.CompilerServices;
using Flotilla.Engine.Kernels.Lanes;

namespace Flotilla.Engine.Kernels;

/// <summary>
/// e^x in single precision: x = n·ln 2 + r, a polynomial of degree 7 in r, then 2^n. At most 1 unit in the last place off;
/// exactly 0 below −87 and infinite above 88, so that no denormal result depends on a processor's mode.
/// </summary>
internal static class Exponential
{
    private const float Log2E = 1.44269504088896341f;
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exp<T>(T x)
        where T : struct, ILanes<T>
    {
        var shift = T.Broadcast(LaneConstants.Shift);
        var shifted = T.Fma(x, T.Broadcast(Log2E), shift);
        var n = shifted - shift;
        var r = T.Fma(n, T.Broadcast(-Ln2High), x);
        r = T.Fma(n, T.Broadcast(-Ln2Low), r);
        var p = T.Broadcast(1.9875691500e-4f);
        p = T.Fma(p, r, T.Broadcast(1.3981999507e-3f));
        p = T.Fma(p, r, T.Broadcast(8.3334519073e-3f));
        p = T.Fma(p, r, T.Broadcast(4.1665795894e-2f));
        p = T.Fma(p, r, T.Broadcast(1.6666665459e-1f));
        p = T.Fma(p, r, T.Broadcast(5.0000001201e-1f));
        var y = T.Fma(p, r * r, r) + T.Broadcast(1f);
        y *= T.PowerOfTwo(shifted);
        y = T.SelectGreater(T.Broadcast(-87f), x, T.Broadcast(0f), y);
        return T.SelectGreater(x, T.Broadcast(88f), T.Broadcast(float.PositiveInfinity), y);
    }
}
