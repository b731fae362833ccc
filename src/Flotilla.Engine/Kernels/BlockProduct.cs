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
    private const int FewTokens = 4;
    private const int ManyTokens = 8;
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
            for (; T.TakesEight && !PackedBlock<TFormat>.HasSmallCodes && token + ManyTokens <= tokens; token += ManyTokens)
                Eight<T, TFormat>(block, block + groupBytes, new PartInputs(input, token), input.Columns, scratch, y + (token * output.Stride), output.Stride);
            for (; token + FewTokens <= tokens; token += FewTokens)
                Four<T, TFormat>(block, block + groupBytes, new PartInputs(input, token), input.Columns, scratch, y + (token * output.Stride), output.Stride);
            for (; token < tokens; token++)
                One<T, TFormat>(block, block + groupBytes, new PartInputs(input, token), scratch).Store(y + (token * output.Stride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T One<T, TFormat>(byte* block, byte* end, PartInputs input, sbyte* scratch)
        where T : struct, ILanes<T>
        where TFormat : struct, IBlockFormat
    {
        var acc = T.Broadcast(0f);
        for (; block < end; block += PackedBlock<TFormat>.Bytes)
        {
            var (scales, minimums) = (PackedBlock<TFormat>.ScalesOfBlock<T>(block), PackedBlock<TFormat>.MinimumsOfBlock<T>(block));
            for (var part = 0; part < PackedBlock<TFormat>.Parts; part++)
            {
                var weights = PackedBlock<TFormat>.Weights<T>(block, part, scratch);
                if (PackedBlock<TFormat>.HasSmallCodes)
                    T.CodeDot<TFormat>((byte*)weights, input.Bytes, (float*)scratch);
                for (var group = 0; group < PackedBlock<TFormat>.PartGroups; group++)
                {
                    var dot = PackedBlock<TFormat>.HasSmallCodes
                        ? T.Load((float*)scratch + (group * LaneConstants.Count))
                        : T.BlockDot(PackedBlock<TFormat>.OfGroup(weights, group), input.Words + (group * TFormat.GroupLength), TFormat.GroupLength);
                    var scale = PackedBlock<TFormat>.Scale(scales, block, part, group);
                    acc = Add<T, TFormat>(acc, dot, scale, PackedBlock<TFormat>.Minimum(minimums, block, part, group), input, group);
                }

                input = input.Next();
            }
        }

        return acc;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<T, TFormat>(byte* block, byte* end, PartInputs input, nint columns, sbyte* scratch, float* y, int stride)
        where T : struct, ILanes<T>
        where TFormat : struct, IBlockFormat
    {
        var blocks = columns / Activations.BlockLength;
        var (a0, a1, a2, a3) = (T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f));
        for (; block < end; block += PackedBlock<TFormat>.Bytes)
        {
            Prefetch.Ahead(block, PackedBlock<TFormat>.Bytes);
            var (scales, minimums) = (PackedBlock<TFormat>.ScalesOfBlock<T>(block), PackedBlock<TFormat>.MinimumsOfBlock<T>(block));
            for (var part = 0; part < PackedBlock<TFormat>.Parts; part++)
            {
                var weights = PackedBlock<TFormat>.Weights<T>(block, part, scratch);
                if (PackedBlock<TFormat>.HasSmallCodes)
                    T.CodeDot4<TFormat>((byte*)weights, input.Bytes, columns, (float*)scratch);
                for (var group = 0; group < PackedBlock<TFormat>.PartGroups; group++)
                {
                    Dots<T, TFormat>(weights, scratch, input, columns, group, out var d0, out var d1, out var d2, out var d3);
                    var scale = PackedBlock<TFormat>.Scale(scales, block, part, group);
                    var minimum = PackedBlock<TFormat>.Minimum(minimums, block, part, group);
                    a0 = Add<T, TFormat>(a0, d0, scale, minimum, input, group);
                    a1 = Add<T, TFormat>(a1, d1, scale, minimum, input.Later(blocks), group);
                    a2 = Add<T, TFormat>(a2, d2, scale, minimum, input.Later(2 * blocks), group);
                    a3 = Add<T, TFormat>(a3, d3, scale, minimum, input.Later(3 * blocks), group);
                }

                input = input.Next();
            }
        }

        a0.Store(y);
        a1.Store(y + stride);
        a2.Store(y + (2 * stride));
        a3.Store(y + (3 * stride));
    }

    /// <summary>Of formats without small codes, which have no minimums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight<T, TFormat>(byte* block, byte* end, PartInputs input, nint columns, sbyte* scratch, float* y, int stride)
        where T : struct, ILanes<T>
        where TFormat : struct, IBlockFormat
    {
        var blocks = columns / Activations.BlockLength;
        var (a0, a1, a2, a3) = (T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f));
        var (a4, a5, a6, a7) = (a0, a1, a2, a3);
        for (; block < end; block += PackedBlock<TFormat>.Bytes)
        {
            Prefetch.Ahead(block, PackedBlock<TFormat>.Bytes);
            var scales = PackedBlock<TFormat>.ScalesOfBlock<T>(block);
            for (var part = 0; part < PackedBlock<TFormat>.Parts; part++)
            {
                var weights = PackedBlock<TFormat>.Weights<T>(block, part, scratch);
                for (var group = 0; group < PackedBlock<TFormat>.PartGroups; group++)
                {
                    T.BlockDot8(
                        PackedBlock<TFormat>.OfGroup(weights, group), input.Words + (group * TFormat.GroupLength), columns, TFormat.GroupLength,
                        out var d0, out var d1, out var d2, out var d3, out var d4, out var d5, out var d6, out var d7);
                    var scale = PackedBlock<TFormat>.Scale(scales, block, part, group);
                    a0 = T.Fma(scale * T.Broadcast(input.Scale[0]), d0, a0);
                    a1 = T.Fma(scale * T.Broadcast(input.Scale[blocks]), d1, a1);
                    a2 = T.Fma(scale * T.Broadcast(input.Scale[2 * blocks]), d2, a2);
                    a3 = T.Fma(scale * T.Broadcast(input.Scale[3 * blocks]), d3, a3);
                    a4 = T.Fma(scale * T.Broadcast(input.Scale[4 * blocks]), d4, a4);
                    a5 = T.Fma(scale * T.Broadcast(input.Scale[5 * blocks]), d5, a5);
                    a6 = T.Fma(scale * T.Broadcast(input.Scale[6 * blocks]), d6, a6);
                    a7 = T.Fma(scale * T.Broadcast(input.Scale[7 * blocks]), d7, a7);
                }

                input = input.Next();
            }
        }

        a0.Store(y);
        a1.Store(y + stride);
        a2.Store(y + (2 * stride));
        a3.Store(y + (3 * stride));
        a4.Store(y + (4 * stride));
        a5.Store(y + (5 * stride));
        a6.Store(y + (6 * stride));
        a7.Store(y + (7 * stride));
    }

    /// <summary>A group's dot products with four tokens; of small codes they are already in the scratch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dots<T, TFormat>(
        sbyte* weights, sbyte* scratch, PartInputs input, nint columns, int group, out T d0, out T d1, out T d2, out T d3)
        where T : struct, ILanes<T>
        where TFormat : struct, IBlockFormat
    {
        if (!PackedBlock<TFormat>.HasSmallCodes)
        {
            T.BlockDot4(
                PackedBlock<TFormat>.OfGroup(weights, group), input.Words + (group * TFormat.GroupLength), columns, TFormat.GroupLength,
                out d0, out d1, out d2, out d3);
            return;
        }

        var dots = (float*)scratch + (group * LaneConstants.Count);
        d0 = T.Load(dots);
        d1 = T.Load(dots + (PackedBlock<TFormat>.PartGroups * LaneConstants.Count));
        d2 = T.Load(dots + (2 * PackedBlock<TFormat>.PartGroups * LaneConstants.Count));
        d3 = T.Load(dots + (3 * PackedBlock<TFormat>.PartGroups * LaneConstants.Count));
    }

    /// <summary>The sum with a group's share in it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Add<T, TFormat>(T acc, T dot, T scale, T minimum, PartInputs input, int group)
        where T : struct, ILanes<T>
        where TFormat : struct, IBlockFormat
    {
        // Integers below 2^24, all of them: exact.
        if (PackedBlock<TFormat>.HasSmallCodes && TFormat.Offset != 0)
            dot -= T.Broadcast(TFormat.Offset * OfGroup<TFormat>(input.Totals, group));
        acc = T.Fma(scale * T.Broadcast(*input.Scale), dot, acc);
        return TFormat.HasMinimums ? T.Fma(minimum, T.Broadcast(OfGroup<TFormat>(input.Sums, group)), acc) : acc;
    }

    /// <summary>A sum over a group's activations; over 32 it is that of the first 16 plus that of the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float OfGroup<TFormat>(float* halves, int group)
        where TFormat : struct, IBlockFormat =>
        TFormat.GroupLength == Activations.BlockLength ? halves[0] + halves[1] : halves[group];
}
