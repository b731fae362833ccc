using System.Runtime.CompilerServices;
using Flotilla.Engine.Kernels.Lanes;
using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Kernels;

/// <summary>
/// Activations to 8 bits: per 32 values, scale = max|x| / 127 and q = x · (127 / max|x|) rounded half to even; and of both
/// halves the sum of q times scale.
/// </summary>
internal static unsafe class Quantization
{
    /// <summary>Blocks whose greatest magnitude is smaller become zeros: 127 / max would leave the range of a float.</summary>
    public const float MagnitudeMin = 1e-30f;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize<T>(ReadOnlySpan<float> values, Span<short> quantized, Span<float> scales, Span<float> sums)
        where T : struct, ILanes<T>
    {
        const int length = Activations.BlockLength;
        if (values.Length % length != 0 || quantized.Length < values.Length || scales.Length < values.Length / length || sums.Length < values.Length / length * Activations.BlockHalves)
            throw new ArgumentException($"Quantisation takes multiples of {length} values, not {values.Length}.", nameof(values));
        fixed (float* x = values)
        fixed (short* q = quantized)
        {
            for (var block = 0; block < values.Length / length; block++)
                scales[block] = Block<T>(x + (block * length), q + (block * length), sums.Slice(block * Activations.BlockHalves, Activations.BlockHalves));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Block<T>(float* x, short* q, Span<float> sums)
        where T : struct, ILanes<T>
    {
        var (low, high) = (T.Load(x), T.Load(x + LaneConstants.Count));
        var max = T.MaxMagnitude(low, high).MaxOfMagnitudes();

        // One bad value spoils the whole block: zeros times a scale that is no number, so that it surfaces in every sum.
        if (!float.IsFinite(max) || max < MagnitudeMin)
        {
            new Span<short>(q, Activations.BlockLength).Clear();
            var none = float.IsFinite(max) ? 0f : float.NaN;
            sums.Fill(none);
            return none;
        }

        var (inverse, shift) = (T.Broadcast(127f / max), T.Broadcast(LaneConstants.Shift));
        (low, high) = (T.Fma(low, inverse, shift), T.Fma(high, inverse, shift));
        low.StoreShifted(q);
        high.StoreShifted(q + LaneConstants.Count);
        var scale = max / 127f;

        // Sixteen integers of at most 127: exact in any order.
        sums[0] = (low - shift).Sum() * scale;
        sums[1] = (high - shift).Sum() * scale;
        return scale;
    }
}
