using System.Runtime.CompilerServices;
using Flotilla.Engine.Kernels.Lanes;

namespace Flotilla.Engine.Kernels;

/// <summary>Normalisation by the root mean square, and round the mean.</summary>
internal static unsafe class Normalization
{
    /// <summary>output = (input · r) · weight, where r = 1 / √(sum / n + epsilon), every operation rounded by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RmsNorm<T>(ReadOnlySpan<float> input, ReadOnlySpan<float> weight, float epsilon, Span<float> output)
        where T : struct, ILanes<T>
    {
        if (weight.Length != input.Length || output.Length != input.Length)
            throw new ArgumentException("Input, weight and output of a normalisation must have one length.", nameof(weight));
        var r = T.Broadcast(1f / MathF.Sqrt((SumOfSquares<T>(input) / input.Length) + epsilon));
        fixed (float* x = input, w = weight, y = output)
        {
            for (var i = 0; i < input.Length; i += LaneConstants.Count)
                (T.Load(x + i) * r * T.Load(w + i)).Store(y + i);
        }
    }

    /// <summary>output = ((input − mean) · r) · scale + shift, where r = 1 / √(variance + epsilon), every operation rounded by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CentredNorm<T>(ReadOnlySpan<float> input, ReadOnlySpan<float> scale, ReadOnlySpan<float> shift, float epsilon, Span<float> output)
        where T : struct, ILanes<T>
    {
        if (scale.Length != input.Length || shift.Length != input.Length || output.Length != input.Length || input.Length % LaneConstants.Count != 0)
            throw new ArgumentException($"Input, scale, shift and output of a normalisation must have one length, a multiple of {LaneConstants.Count}.", nameof(scale));
        fixed (float* x = input, w = scale, b = shift, y = output)
        {
            var (sum, squares) = (T.Broadcast(0f), T.Broadcast(0f));
            for (var i = 0; i < input.Length; i += LaneConstants.Count)
                sum += T.Load(x + i);
            var mean = T.Broadcast(sum.Sum() / input.Length);
            for (var i = 0; i < input.Length; i += LaneConstants.Count)
            {
                var d = T.Load(x + i) - mean;
                squares = T.Fma(d, d, squares);
            }

            var r = T.Broadcast(1f / MathF.Sqrt((squares.Sum() / input.Length) + epsilon));
            for (var i = 0; i < input.Length; i += LaneConstants.Count)
                (((T.Load(x + i) - mean) * r * T.Load(w + i)) + T.Load(b + i)).Store(y + i);
        }
    }

    /// <summary>Lane j sums the squares of the elements j, j + 16, j + 32 … with one rounding each; then the tree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SumOfSquares<T>(ReadOnlySpan<float> input)
        where T : struct, ILanes<T>
    {
        if (input.Length % LaneConstants.Count != 0)
            throw new ArgumentException($"A sum of squares takes multiples of {LaneConstants.Count} values, not {input.Length}.", nameof(input));
        fixed (float* x = input)
        {
            var sum = T.Broadcast(0f);
            for (var i = 0; i < input.Length; i += LaneConstants.Count)
            {
                var v = T.Load(x + i);
                sum = T.Fma(v, v, sum);
            }

            return sum.Sum();
        }
    }
}
