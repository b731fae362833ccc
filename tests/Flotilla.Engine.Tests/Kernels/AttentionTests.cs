using Flotilla.Engine.Cache;
using Flotilla.Engine.Kernels;
using Xunit;

namespace Flotilla.Engine.Tests.Kernels;

public sealed class AttentionTests
{
    public static TheoryData<KernelWidth> Widths => KernelTests.Widths;

    /// <summary>Any number of positions, and rubbish of an earlier sequence behind them.</summary>
    [Theory]
    [MemberData(nameof(Widths))]
    public void Attend_is_the_oracles(KernelWidth width) => KernelTests.ForRandom(width, (kernels, random) =>
    {
        var (length, positions) = (16 * random.Next(1, 10), random.Next(1, 150));
        var offset = length * KvBlock.Positions * random.Next(0, 3);
        var blocks = new KvBlock[((positions + 15) / 16) + 1];
        for (var block = 0; block < blocks.Length; block++)
        {
            blocks[block] = new KvBlock(offset + (length * KvBlock.Positions));
            blocks[block].Keys.Span.Fill(float.NaN);
            blocks[block].Values.Span.Fill(float.NaN);
        }

        var keys = Enumerable.Range(0, positions).Select(_ => random.Floats(length)).ToArray();
        var values = Enumerable.Range(0, positions).Select(_ => random.Floats(length)).ToArray();
        for (var t = 0; t < positions; t++)
        {
            var block = blocks[t / KvBlock.Positions];
            values[t].CopyTo(block.Values.Span[(offset + (t % KvBlock.Positions * length))..]);
            for (var i = 0; i < length; i++)
                block.Keys.Span[offset + (i * KvBlock.Positions) + (t % KvBlock.Positions)] = keys[t][i];
        }

        var (query, output) = (random.Floats(length), new float[length]);
        foreach (var (first, cap) in ((int, float)[])[(0, 0f), (random.Next(0, Math.Min(16, positions)), 0f), (0, 3f), (random.Next(0, Math.Min(16, positions)), 0.5f)])
        {
            kernels.Attend(blocks, offset, first, positions, query, 0.125f, cap, new float[((positions + 63) / 64 * 64) + 64], output);
            KernelTests.Same(Oracle.Attend(keys, values, query, 0.125f, first, cap), output);
        }
    });

    [Fact]
    public void Attend_beyond_the_blocks_is_refused()
    {
        var kernels = KernelSet.For(KernelWidth.Best);
        KvBlock[] blocks = [new KvBlock(16 * 16)];
        var (query, scores) = (new float[16], new float[64]);
        Assert.Throws<ArgumentException>(() => kernels.Attend(blocks, 0, 0, 17, query, 1, 0, scores, new float[16]));
        Assert.Throws<ArgumentException>(() => kernels.Attend(blocks, 16, 0, 1, query, 1, 0, scores, new float[16]));
        Assert.Throws<ArgumentException>(() => kernels.Attend(blocks, 0, 0, 0, query, 1, 0, scores, new float[16]));
        Assert.Throws<ArgumentException>(() => kernels.Attend(blocks, 0, 5, 5, query, 1, 0, scores, new float[16]));
        Assert.Throws<ArgumentException>(() => kernels.Attend(blocks, 0, 16, 17, query, 1, 0, scores, new float[16]));
    }
}
