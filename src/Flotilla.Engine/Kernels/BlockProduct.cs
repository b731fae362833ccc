using System.Runtime.CompilerServices;
using Flotilla.Engine.Kernels.Lanes;
using Flotilla.Engine.Tensors;
using Flotilla.Engine.Tensors.Formats;

namespace Flotilla.Engine.Kernels;

/// <summary>
/// Rows of any quantised type times quantised activations. Per output and group of columns: acc = fma(weight scale ·
/// activation scale, exact integer dot product, acc), and where the type has minimums acc = fma(minimum, scaled sum of the
/// activations, acc). A lane is a row, so the order is the same at every width and for every tiling.
/// </summary>
internal static unsafe class BlockProduct
{
    private const int TokenTile = 4;
    private const int ScratchAlignment = 64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<T, TFormat>(BlockMatrix<TFormat> matrix, Activations input, int tokens, OutputRows output, int first, int last)
        where T : struct, ILanes<T>
        where TFormat : struct, IBlockFormat
    {
        matrix.CheckProduct(input, tokens, output, first, last);
        var room = stackalloc sbyte[LaneConstants.BlockBytes + ScratchAlignment];
        var scratch = (sbyte*)(((nuint)room + ScratchAlignment - 1) & ~(nuint)(ScratchAlignment - 1));
        var groupBytes = (nint)matrix.Blocks * PackedBlock<TFormat>.Bytes;
        for (var group = first; group < last; group++)
        {
            var block = matrix.Packed.Pointer + (group * groupBytes);
            var y = output.Buffer.Pointer + (group * RowGroups.Rows);
            var token = 0;
            for (; token + TokenTile <= tokens; token += TokenTile)
                Four<T, TFormat>(block, block + groupBytes, input, token, scratch, y + (token * output.Stride), output.Stride);
            for (; token < tokens; token++)
                One<T, TFormat>(block, block + groupBytes, input, token, scratch).Store(y + (token * output.Stride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T One<T, TFormat>(byte* block, byte* end, Activations input, int token, sbyte* scratch)
        where T : struct, ILanes<T>
        where TFormat : struct, IBlockFormat
    {
        var q = input.Quantized.Pointer + (token * input.Columns);
        var scale = input.Scales.Pointer + (token * input.Blocks);
        var sums = input.Sums.Pointer + (token * input.HalfBlocks);
        var acc = T.Broadcast(0f);
        for (; block < end; block += PackedBlock<TFormat>.Bytes)
        {
            for (var part = 0; part < PackedBlock<TFormat>.Parts; part++)
            {
                var weights = PackedBlock<TFormat>.Weights<T>(block, part, scratch);
                for (var group = 0; group < PackedBlock<TFormat>.PartGroups; group++)
                {
                    var dot = T.BlockDot(weights, q, TFormat.GroupLength);
                    acc = T.Fma(PackedBlock<TFormat>.Scale<T>(block, part, group) * T.Broadcast(*scale), dot, acc);
                    if (TFormat.HasMinimums)
                        acc = T.Fma(PackedBlock<TFormat>.Minimum<T>(block, part, group), InputSum<T, TFormat>(sums, group), acc);
                    weights += RowGroups.Rows * TFormat.GroupLength;
                    q += TFormat.GroupLength;
                }

                scale++;
                sums += Activations.BlockHalves;
            }
        }

        return acc;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<T, TFormat>(byte* block, byte* end, Activations input, int token, sbyte* scratch, float* y, int stride)
        where T : struct, ILanes<T>
        where TFormat : struct, IBlockFormat
    {
        var q = input.Quantized.Pointer + (token * input.Columns);
        var scale = input.Scales.Pointer + (token * input.Blocks);
        var sums = input.Sums.Pointer + (token * input.HalfBlocks);
        var (columns, blocks, halves) = (input.Columns, input.Blocks, input.HalfBlocks);
        var (a0, a1, a2, a3) = (T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f));
        for (; block < end; block += PackedBlock<TFormat>.Bytes)
        {
            for (var part = 0; part < PackedBlock<TFormat>.Parts; part++)
            {
                var weights = PackedBlock<TFormat>.Weights<T>(block, part, scratch);
                for (var group = 0; group < PackedBlock<TFormat>.PartGroups; group++)
                {
                    T.BlockDot4(weights, q, columns, TFormat.GroupLength, out var d0, out var d1, out var d2, out var d3);
                    var scales = PackedBlock<TFormat>.Scale<T>(block, part, group);
                    a0 = T.Fma(scales * T.Broadcast(*scale), d0, a0);
                    a1 = T.Fma(scales * T.Broadcast(scale[blocks]), d1, a1);
                    a2 = T.Fma(scales * T.Broadcast(scale[2 * blocks]), d2, a2);
                    a3 = T.Fma(scales * T.Broadcast(scale[3 * blocks]), d3, a3);
                    if (TFormat.HasMinimums)
                    {
                        var minimums = PackedBlock<TFormat>.Minimum<T>(block, part, group);
                        a0 = T.Fma(minimums, InputSum<T, TFormat>(sums, group), a0);
                        a1 = T.Fma(minimums, InputSum<T, TFormat>(sums + halves, group), a1);
                        a2 = T.Fma(minimums, InputSum<T, TFormat>(sums + (2 * halves), group), a2);
                        a3 = T.Fma(minimums, InputSum<T, TFormat>(sums + (3 * halves), group), a3);
                    }

                    weights += RowGroups.Rows * TFormat.GroupLength;
                    q += TFormat.GroupLength;
                }

                scale++;
                sums += Activations.BlockHalves;
            }
        }

        a0.Store(y);
        a1.Store(y + stride);
        a2.Store(y + (2 * stride));
        a3.Store(y + (3 * stride));
    }

    /// <summary>The scaled sum of a group's activations; of 32 it is that of the first 16 plus that of the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T InputSum<T, TFormat>(float* sums, int group)
        where T : struct, ILanes<T>
        where TFormat : struct, IBlockFormat =>
        T.Broadcast(TFormat.GroupLength == Activations.BlockLength ? sums[0] + sums[1] : sums[group]);
}
