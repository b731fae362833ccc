using System.Runtime.CompilerServices;
using Flotilla.Engine.Kernels.Lanes;
using Flotilla.Engine.Tensors;
using Flotilla.Engine.Tensors.Formats;

namespace Flotilla.Engine.Kernels;

/// <summary>Rows of floats, widened exactly, times floats: acc = fma(weight, activation, acc), column after column; a lane is a row.</summary>
internal static unsafe class FloatProduct
{
    private const int Tile = 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<T, TFormat>(FloatMatrix<TFormat> matrix, Activations input, int tokens, OutputRows output, int first, int last)
        where T : struct, ILanes<T>
        where TFormat : struct, IFloatFormat
    {
        matrix.CheckProduct(input, tokens, output, first, last);
        for (var group = first; group < last; group++)
        {
            var w = matrix.Packed.Pointer + ((nint)group * matrix.Columns * RowGroups.Rows * TFormat.Bytes);
            var x = input.Values.Pointer;
            var y = output.Buffer.Pointer + (group * RowGroups.Rows);
            var token = 0;
            for (; token + Tile <= tokens; token += Tile)
                Four<T, TFormat>(w, matrix.Columns, x + (token * input.Columns), y + (token * output.Stride), output.Stride);
            for (; token < tokens; token++)
                One<T, TFormat>(w, matrix.Columns, x + (token * input.Columns)).Store(y + (token * output.Stride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T One<T, TFormat>(byte* w, int columns, float* x)
        where T : struct, ILanes<T>
        where TFormat : struct, IFloatFormat
    {
        var sum = T.Broadcast(0f);
        for (var column = 0; column < columns; column++)
            sum = T.Fma(TFormat.Load<T>(w + (column * RowGroups.Rows * TFormat.Bytes)), T.Broadcast(x[column]), sum);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<T, TFormat>(byte* w, int columns, float* x, float* y, int stride)
        where T : struct, ILanes<T>
        where TFormat : struct, IFloatFormat
    {
        var (s0, s1, s2, s3) = (T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f));
        for (var column = 0; column < columns; column++)
        {
            var weights = TFormat.Load<T>(w + (column * RowGroups.Rows * TFormat.Bytes));
            s0 = T.Fma(weights, T.Broadcast(x[column]), s0);
            s1 = T.Fma(weights, T.Broadcast(x[column + columns]), s1);
            s2 = T.Fma(weights, T.Broadcast(x[column + (2 * columns)]), s2);
            s3 = T.Fma(weights, T.Broadcast(x[column + (3 * columns)]), s3);
        }

        s0.Store(y);
        s1.Store(y + stride);
        s2.Store(y + (2 * stride));
        s3.Store(y + (3 * stride));
    }
}
