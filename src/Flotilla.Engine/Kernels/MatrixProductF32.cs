using System.Runtime.CompilerServices;
using Flotilla.Engine.Kernels.Lanes;
using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Kernels;

/// <summary>Rows of floats times floats: acc = fma(weight, activation, acc), column after column; a lane is a row.</summary>
internal static unsafe class MatrixProductF32
{
    private const int Tile = 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<T>(F32Matrix matrix, Activations input, int tokens, OutputRows output, int first, int last)
        where T : struct, ILanes<T>
    {
        Check(matrix, input, tokens, output, first, last);
        for (var group = first; group < last; group++)
        {
            var w = matrix.Packed.Pointer + ((nint)group * matrix.Columns * RowGroups.Rows);
            var x = input.Values.Pointer;
            var y = output.Buffer.Pointer + (group * RowGroups.Rows);
            var token = 0;
            for (; token + Tile <= tokens; token += Tile)
                Four<T>(w, matrix.Columns, x + (token * input.Columns), y + (token * output.Stride), output.Stride);
            for (; token < tokens; token++)
                One<T>(w, matrix.Columns, x + (token * input.Columns)).Store(y + (token * output.Stride));
        }
    }

    /// <summary>Checks once what the pointers of a product rely on.</summary>
    public static void Check(WeightMatrix matrix, Activations input, int tokens, OutputRows output, int first, int last)
    {
        if (input.Columns != matrix.Columns || (long)tokens * input.Columns > input.Values.Length || first < 0 || last > matrix.Groups
            || output.Stride < last * RowGroups.Rows || (long)tokens * output.Stride > output.Buffer.Length)
        {
            throw new ArgumentException(
                $"A product of ({matrix.Rows}, {matrix.Columns}), groups {first} to {last}, with {tokens} tokens of {input.Columns} into rows of {output.Stride}.",
                nameof(matrix));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T One<T>(float* w, int columns, float* x)
        where T : struct, ILanes<T>
    {
        var sum = T.Broadcast(0f);
        for (var column = 0; column < columns; column++)
            sum = T.Fma(T.Load(w + (column * RowGroups.Rows)), T.Broadcast(x[column]), sum);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<T>(float* w, int columns, float* x, float* y, int stride)
        where T : struct, ILanes<T>
    {
        var (s0, s1, s2, s3) = (T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f));
        for (var column = 0; column < columns; column++)
        {
            var weights = T.Load(w + (column * RowGroups.Rows));
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
