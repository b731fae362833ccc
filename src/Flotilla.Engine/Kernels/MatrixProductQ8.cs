using System.Runtime.CompilerServices;
using Flotilla.Engine.Kernels.Lanes;
using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Kernels;

/// <summary>
/// Rows of Q8_0 times quantised activations. Per output and block: acc = fma(weight scale · activation scale, exact integer
/// dot product, acc), block after block. A lane is a row, so the order is the same at every width and for every tiling.
/// </summary>
internal static unsafe class MatrixProductQ8
{
    private const int TokenTile = 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<T>(Q8Matrix matrix, Activations input, int tokens, OutputRows output, int first, int last)
        where T : struct, ILanes<T>
    {
        MatrixProductF32.Check(matrix, input, tokens, output, first, last);
        for (var group = first; group < last; group++)
        {
            var weights = matrix.Packed.Pointer + ((nint)group * matrix.Blocks * Q8Matrix.PackedBlockBytes);
            var y = output.Buffer.Pointer + (group * RowGroups.Rows);
            var token = 0;
            for (; token + TokenTile <= tokens; token += TokenTile)
                Four<T>(weights, matrix.Blocks, input, token, y + (token * output.Stride), output.Stride);
            for (; token < tokens; token++)
                One<T>(weights, matrix.Blocks, input, token).Store(y + (token * output.Stride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T One<T>(byte* weights, int blocks, Activations input, int token)
        where T : struct, ILanes<T>
    {
        var q = input.Quantized.Pointer + (token * input.Columns);
        var scale = input.Scales.Pointer + (token * input.Blocks);
        var sum = T.Broadcast(0f);
        for (var block = 0; block < blocks; block++)
        {
            var dot = T.BlockDot((sbyte*)weights + Q8Matrix.ScaleBytes, q);
            sum = T.Fma(T.Load((float*)weights) * T.Broadcast(scale[block]), dot, sum);
            weights += Q8Matrix.PackedBlockBytes;
            q += Activations.BlockLength;
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<T>(byte* weights, int blocks, Activations input, int token, float* y, int stride)
        where T : struct, ILanes<T>
    {
        var q = input.Quantized.Pointer + (token * input.Columns);
        var scale = input.Scales.Pointer + (token * input.Blocks);
        var (s0, s1, s2, s3) = (T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f));
        for (var block = 0; block < blocks; block++)
        {
            T.BlockDot4((sbyte*)weights + Q8Matrix.ScaleBytes, q, input.Columns, out var d0, out var d1, out var d2, out var d3);
            var scales = T.Load((float*)weights);
            s0 = T.Fma(scales * T.Broadcast(scale[block]), d0, s0);
            s1 = T.Fma(scales * T.Broadcast(scale[block + blocks]), d1, s1);
            s2 = T.Fma(scales * T.Broadcast(scale[block + (2 * blocks)]), d2, s2);
            s3 = T.Fma(scales * T.Broadcast(scale[block + (3 * blocks)]), d3, s3);
            weights += Q8Matrix.PackedBlockBytes;
            q += Activations.BlockLength;
        }

        s0.Store(y);
        s1.Store(y + stride);
        s2.Store(y + (2 * stride));
        s3.Store(y + (3 * stride));
    }
}
