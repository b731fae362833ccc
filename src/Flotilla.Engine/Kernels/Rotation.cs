using System.Runtime.CompilerServices;
using Flotilla.Engine.Kernels.Lanes;

namespace Flotilla.Engine.Kernels;

/// <summary>
/// Rotary position embedding of the pairs (i, i + n). Models that GGUF stores for the pairs (2i, 2i + 1) have the rows of
/// their query and key matrices re-ordered at load, so that this one form serves both.
/// </summary>
internal static unsafe class Rotation
{
    /// <summary>a' = fma(a, cos, −(b·sin)), b' = fma(b, cos, a·sin).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rotate<T>(Span<float> head, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin)
        where T : struct, ILanes<T>
    {
        var n = cos.Length;
        if (sin.Length != n || head.Length < 2 * n)
            throw new ArgumentException("A head must have two elements for each angle.", nameof(head));
        var i = 0;
        fixed (float* x = head, c = cos, s = sin)
        {
            for (; i + LaneConstants.Count <= n; i += LaneConstants.Count)
            {
                var (a, b, ci, si) = (T.Load(x + i), T.Load(x + n + i), T.Load(c + i), T.Load(s + i));
                T.Fma(a, ci, T.Broadcast(0f) - (b * si)).Store(x + i);
                T.Fma(b, ci, a * si).Store(x + n + i);
            }

            for (; i < n; i++)
            {
                var (a, b) = (x[i], x[n + i]);
                x[i] = MathF.FusedMultiplyAdd(a, c[i], 0f - (b * s[i]));
                x[n + i] = MathF.FusedMultiplyAdd(b, c[i], a * s[i]);
            }
        }
    }
}
