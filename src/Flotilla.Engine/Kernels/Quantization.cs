using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
    public static void Quantize<T>(Activations activations, int token)
        where T : struct, ILanes<T>
    {
        if (activations.Columns % Activations.BlockLength != 0 || (token + 1L) * activations.Columns > activations.Values.Length)
            throw new ArgumentException($"Quantisation of token {token} of {activations.Columns} values; it takes multiples of {Activations.BlockLength}.", nameof(activations));
        for (var block = token * activations.Blocks; block < (token + 1) * activations.Blocks; block++)
            Block<T>(activations, block);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block<T>(Activations activations, int block)
        where T : struct, ILanes<T>
    {
        var x = activations.Values.Pointer + (block * Activations.BlockLength);
        var q = activations.Quantized.Pointer + (block * Activations.BlockLength);
        var bytes = activations.QuantizedBytes.Pointer + (block * Activations.BlockLength);
        var sums = activations.Sums.Pointer + (block * Activations.BlockHalves);
        var totals = activations.Totals.Pointer + (block * Activations.BlockHalves);
        var (low, high) = (T.Load(x), T.Load(x + LaneConstants.Count));
        var max = T.MaxMagnitude(low, high).MaxOfMagnitudes();

        // One bad value spoils the whole block: zeros times a scale that is no number, so that it surfaces in every sum.
        if (!float.IsFinite(max) || max < MagnitudeMin)
        {
            new Span<short>(q, Activations.BlockLength).Clear();
            new Span<sbyte>(bytes, Activations.BlockLength).Clear();
            totals[0] = totals[1] = 0f;
            activations.Scales.Pointer[block] = sums[0] = sums[1] = float.IsFinite(max) ? 0f : float.NaN;
            return;
        }

        var (inverse, shift) = (T.Broadcast(127f / max), T.Broadcast(LaneConstants.Shift));
        (low, high) = (T.Fma(low, inverse, shift), T.Fma(high, inverse, shift));
        low.StoreShifted(q);
        high.StoreShifted(q + LaneConstants.Count);
        Vector256.Narrow(Vector256.Load(q), Vector256.Load(q + LaneConstants.Count)).Store(bytes);

        // Sixteen integers of at most 127: exact in any order.
        (totals[0], totals[1]) = ((low - shift).Sum(), (high - shift).Sum());
        var scale = max / 127f;
        (activations.Scales.Pointer[block], sums[0], sums[1]) = (scale, totals[0] * scale, totals[1] * scale);
    }
}
