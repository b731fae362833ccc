using System.Runtime.CompilerServices;
using Flotilla.Engine.Kernels.Lanes;
using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Kernels;

/// <summary>Activations to 8 bits: per 32 values, scale = max|x| / 127 and q = x · (127 / max|x|) rounded half to even.</summary>
internal static unsafe class Quantization
{
    /// <summary>Blocks whose greatest magnitude is smaller become zeros: 127 / max would leave the range of a float.</summary>
    public const float MagnitudeMin = 1e-30f;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize<T>(ReadOnlySpan<float> values, Span<short> quantized, Span<float> scales)
        where T : struct, ILanes<T>
    {
        const int length = Activations.BlockLength;
        if (values.Length % length != 0 || quantized.Length < values.Length || scales.Length < values.Length / length)
            throw new ArgumentException($"Quantisation takes multiples of {length} values, not {values.Length}.", nameof(values));
        fixed (float* x = values)
        fixed (short* q = quantized)
        {
            for (var block = 0; block < values.Length / length; block++)
                scales[block] = Block<T>(x + (block * length), q + (block * length));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Block<T>(float* x, short* q)
        where T : struct, ILanes<T>
    {
        var (low, high) = (T.Load(x), T.Load(x + LaneConstants.Count));
        var max = T.MaxMagnitude(low, high).MaxOfMagnitudes();

        // One bad value spoils the whole block: zeros times a scale that is no number, so that it surfaces in every sum.
        if (!float.IsFinite(max) || max < MagnitudeMin)
        {
            new Span<short>(q, Activations.BlockLength).Clear();
            return float.IsFinite(max) ? 0f : float.NaN;
        }

        var (inverse, shift) = (T.Broadcast(127f / max), T.Broadcast(LaneConstants.Shift));
        T.Fma(low, inverse, shift).StoreShifted(q);
        T.Fma(high, inverse, shift).StoreShifted(q + LaneConstants.Count);
        return max / 127f;
    }
}
