using System.Runtime.CompilerServices;
using Flotilla.Engine.Cache;
using Flotilla.Engine.Kernels.Lanes;

namespace Flotilla.Engine.Kernels;

/// <summary>
/// softmax(query · keys · scale) · values for one head at one position. A score is summed over the head's elements in
/// order, a lane being a position; an output over the positions in order, a lane being an element. So neither depends on
/// how the positions came into the cache, and the only tree is the one of the softmax's sum.
/// </summary>
internal static unsafe class Attention
{
    /// <summary>Blocks scored together: four independent chains hide the latency of the fused multiply-add.</summary>
    private const int BlockTile = 4;

    /// <summary>Positions by which the scratch for scores is rounded up.</summary>
    public const int ScoreTile = BlockTile * KvBlock.Positions;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Attend<T>(
        ReadOnlySpan<KvBlock> blocks, int offset, int first, int positions, ReadOnlySpan<float> query, float scale, float cap, Span<float> scores,
        Span<float> output)
        where T : struct, ILanes<T>
    {
        var padded = (positions + KvBlock.Positions - 1) / KvBlock.Positions * KvBlock.Positions;
        var area = query.Length * KvBlock.Positions;
        if (first is < 0 or >= KvBlock.Positions || positions <= first || padded / KvBlock.Positions > blocks.Length || scores.Length < padded || output.Length != query.Length
            || query.Length % LaneConstants.Count != 0 || offset < 0 || offset + area > blocks[0].Keys.Length)
        {
            throw new ArgumentException($"Attention over {positions} positions of {blocks.Length} blocks at {offset} with heads of {query.Length}.", nameof(positions));
        }

        scores = scores[..padded];
        fixed (float* q = query, s = scores, y = output)
        {
            Score<T>(blocks[..(padded / KvBlock.Positions)], offset, q, query.Length, scale, s);
            if (cap > 0)
                Elementwise.Cap<T>(scores, cap);
            scores[..first].Fill(float.NegativeInfinity);
            scores[positions..].Fill(float.NegativeInfinity);
            var sum = Softmax.ExpSum<T>(scores, Softmax.Max<T>(scores));
            Mix<T>(blocks, offset, positions, s, 1f / sum, y, query.Length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score<T>(ReadOnlySpan<KvBlock> blocks, int offset, float* q, int length, float scale, float* s)
        where T : struct, ILanes<T>
    {
        var factor = T.Broadcast(scale);
        var block = 0;
        for (; block + BlockTile <= blocks.Length; block += BlockTile)
        {
            var k0 = blocks[block].Keys.Pointer + offset;
            var k1 = blocks[block + 1].Keys.Pointer + offset;
            var k2 = blocks[block + 2].Keys.Pointer + offset;
            var k3 = blocks[block + 3].Keys.Pointer + offset;
            var (s0, s1, s2, s3) = (T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f));
            for (var element = 0; element < length; element++)
            {
                var qe = T.Broadcast(q[element]);
                var at = element * KvBlock.Positions;
                s0 = T.Fma(T.Load(k0 + at), qe, s0);
                s1 = T.Fma(T.Load(k1 + at), qe, s1);
                s2 = T.Fma(T.Load(k2 + at), qe, s2);
                s3 = T.Fma(T.Load(k3 + at), qe, s3);
            }

            var target = s + (block * KvBlock.Positions);
            (s0 * factor).Store(target);
            (s1 * factor).Store(target + KvBlock.Positions);
            (s2 * factor).Store(target + (2 * KvBlock.Positions));
            (s3 * factor).Store(target + (3 * KvBlock.Positions));
        }

        for (; block < blocks.Length; block++)
        {
            var k = blocks[block].Keys.Pointer + offset;
            var sum = T.Broadcast(0f);
            for (var element = 0; element < length; element++)
                sum = T.Fma(T.Load(k + (element * KvBlock.Positions)), T.Broadcast(q[element]), sum);
            (sum * factor).Store(s + (block * KvBlock.Positions));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix<T>(ReadOnlySpan<KvBlock> blocks, int offset, int positions, float* p, float inverse, float* y, int length)
        where T : struct, ILanes<T>
    {
        const int tile = 4 * LaneConstants.Count;
        var factor = T.Broadcast(inverse);
        var element = 0;
        for (; element + tile <= length; element += tile)
        {
            var (y0, y1, y2, y3) = (T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f), T.Broadcast(0f));
            for (var position = 0; position < positions; position++)
            {
                var v = blocks[position / KvBlock.Positions].Values.Pointer + offset + (position % KvBlock.Positions * length) + element;
                var weight = T.Broadcast(p[position]);
                y0 = T.Fma(T.Load(v), weight, y0);
                y1 = T.Fma(T.Load(v + LaneConstants.Count), weight, y1);
                y2 = T.Fma(T.Load(v + (2 * LaneConstants.Count)), weight, y2);
                y3 = T.Fma(T.Load(v + (3 * LaneConstants.Count)), weight, y3);
            }

            (y0 * factor).Store(y + element);
            (y1 * factor).Store(y + element + LaneConstants.Count);
            (y2 * factor).Store(y + element + (2 * LaneConstants.Count));
            (y3 * factor).Store(y + element + (3 * LaneConstants.Count));
        }

        for (; element < length; element += LaneConstants.Count)
        {
            var sum = T.Broadcast(0f);
            for (var position = 0; position < positions; position++)
            {
                var v = blocks[position / KvBlock.Positions].Values.Pointer + offset + (position % KvBlock.Positions * length) + element;
                sum = T.Fma(T.Load(v), T.Broadcast(p[position]), sum);
            }

            (sum * factor).Store(y + element);
        }
    }
}
