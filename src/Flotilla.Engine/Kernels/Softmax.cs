using System.Runtime.CompilerServices;
using Flotilla.Engine.Kernels.Lanes;

namespace Flotilla.Engine.Kernels;

/// <summary>The two passes of a softmax: maximum, then exponentials and their sum. Who needs probabilities divides.</summary>
internal static unsafe class Softmax
{
    /// <summary>The greatest value. Any order gives the same, for a NaN turns up in the sum in any case.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Max<T>(ReadOnlySpan<float> values)
        where T : struct, ILanes<T>
    {
        CheckLength(values.Length);
        fixed (float* v = values)
        {
            var max = T.Broadcast(float.NegativeInfinity);
            for (var i = 0; i < values.Length; i += LaneConstants.Count)
            {
                var x = T.Load(v + i);
                max = T.SelectGreater(x, max, x, max);
            }

            return max.Max();
        }
    }

    /// <summary>Lane j sums the elements j, j + 16, j + 32 …; then the tree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float ExpSum<T>(Span<float> values, float max)
        where T : struct, ILanes<T>
    {
        CheckLength(values.Length);
        fixed (float* v = values)
        {
            var sum = T.Broadcast(0f);
            var top = T.Broadcast(max);
            for (var i = 0; i < values.Length; i += LaneConstants.Count)
            {
                var e = Exponential.Exp(T.Load(v + i) - top);
                e.Store(v + i);
                sum += e;
            }

            return sum.Sum();
        }
    }

    private static void CheckLength(int length)
    {
        if (length % LaneConstants.Count != 0)
            throw new ArgumentException($"A softmax takes multiples of {LaneConstants.Count} values, not {length}.", nameof(length));
    }
}
