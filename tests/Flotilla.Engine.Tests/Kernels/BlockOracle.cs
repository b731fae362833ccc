using System.Buffers.Binary;
using Flotilla.Testing.Models;

namespace Flotilla.Engine.Tests.Kernels;

/// <summary>
/// What the bytes of a row mean, column by column, and its product: the table of docs/numerics.md and ggml's layout as plain
/// formulas, sharing no code with the engine.
/// </summary>
internal sealed class BlockOracle
{
    private static readonly int[] s_nonLinear = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
    private static readonly int[] s_microscaling = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    private readonly int _groupLength;
    private readonly int[] _integers;
    private readonly float[] _scales;
    private readonly float[]? _minimums;

    public BlockOracle(WeightType type, ReadOnlySpan<byte> row)
    {
        var (columns, bytes) = WeightEncoder.BlockOf(type);
        _groupLength = type is WeightType.Q2_K or WeightType.Q3_K or WeightType.Q6_K ? 16 : 32;
        _integers = new int[row.Length / bytes * columns];
        _scales = new float[_integers.Length / _groupLength];
        _minimums = type is WeightType.Q4_1 or WeightType.Q5_1 or WeightType.Q2_K or WeightType.Q4_K or WeightType.Q5_K ? new float[_scales.Length] : null;
        for (var i = 0; i < _integers.Length; i++)
            _integers[i] = Integer(type, row.Slice(i / columns * bytes, bytes), i % columns);
        for (var group = 0; group < _scales.Length; group++)
        {
            var (block, within) = (group * _groupLength / columns, group % (columns / _groupLength));
            var (scale, minimum) = Factors(type, row.Slice(block * bytes, bytes), within);
            _scales[group] = scale;
            if (_minimums is not null)
                _minimums[group] = minimum;
        }
    }

    /// <summary>Where a block has its half-precision scale and minimum; none for a type whose scale is a byte.</summary>
    public static int[] HalvesOf(WeightType type) => type switch
    {
        WeightType.Q4_1 or WeightType.Q5_1 or WeightType.Q4_K or WeightType.Q5_K => [0, 2],
        WeightType.Q2_K => [80, 82],
        WeightType.Q3_K => [108],
        WeightType.Q6_K => [208],
        WeightType.MXFP4 => [],
        _ => [0],
    };

    /// <summary>The row as floats.</summary>
    public float[] Weights() =>
    [
        .. _integers.Select((integer, i) => _minimums is null
            ? _scales[i / _groupLength] * integer
            : (_scales[i / _groupLength] * integer) + _minimums[i / _groupLength]),
    ];

    /// <summary>One output of the product.</summary>
    public float Dot(float[] inputScales, float[] inputSums, short[] input)
    {
        var acc = 0f;
        for (var group = 0; group < _scales.Length; group++)
        {
            var dot = 0L;
            for (var i = group * _groupLength; i < (group + 1) * _groupLength; i++)
                dot += _integers[i] * input[i];
            acc = MathF.FusedMultiplyAdd(_scales[group] * inputScales[group * _groupLength / 32], dot, acc);
            if (_minimums is not null)
            {
                var sum = _groupLength == 16 ? inputSums[group] : inputSums[2 * group] + inputSums[(2 * group) + 1];
                acc = MathF.FusedMultiplyAdd(_minimums[group], sum, acc);
            }
        }

        return acc;
    }

    private static int Integer(WeightType type, ReadOnlySpan<byte> b, int i) => type switch
    {
        WeightType.Q8_0 => (sbyte)b[2 + i],
        WeightType.Q4_0 => Nibble(b[2..], i, 16) - 8,
        WeightType.Q4_1 => Nibble(b[4..], i, 16),
        WeightType.Q5_0 => Nibble(b[6..], i, 16) + (16 * ((b[2 + (i / 8)] >> (i % 8)) & 1)) - 16,
        WeightType.Q5_1 => Nibble(b[8..], i, 16) + (16 * ((b[4 + (i / 8)] >> (i % 8)) & 1)),
        WeightType.IQ4_NL => s_nonLinear[Nibble(b[2..], i, 16)],
        WeightType.IQ4_XS => s_nonLinear[Nibble(b[8..], i, 16)],
        WeightType.MXFP4 => s_microscaling[Nibble(b[1..], i, 16)],
        WeightType.Q2_K => Crumb(b[16..], i),
        WeightType.Q3_K => Crumb(b[32..], i) + (4 * Bit(b, i)) - 4,
        WeightType.Q4_K => Nibble(b[16..], i, 32),
        WeightType.Q5_K => Nibble(b[48..], i, 32) + (16 * Bit(b[16..], i)),
        WeightType.Q6_K => Nibble(b, i, 64) + (16 * Crumb(b[128..], i)) - 32,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "This type has no blocks."),
    };

    private static (float Scale, float Minimum) Factors(WeightType type, ReadOnlySpan<byte> b, int group)
    {
        var halves = HalvesOf(type);
        var d = halves.Length > 0 ? (float)BinaryPrimitives.ReadHalfLittleEndian(b[halves[0]..]) : 0f;
        var m = halves.Length > 1 ? (float)BinaryPrimitives.ReadHalfLittleEndian(b[halves[1]..]) : 0f;
        switch (type)
        {
            case WeightType.MXFP4:
                return ((float)Math.Pow(2, b[0] - 128), 0);
            case WeightType.Q2_K:
                return (d * (b[group] & 15), -m * (b[group] >> 4));
            case WeightType.Q3_K:
                var three = ((b[96 + (group % 8)] >> (group < 8 ? 0 : 4)) & 15) + (16 * ((b[104 + (group % 4)] >> (2 * (group / 4))) & 3));
                return (d * (three - 32), 0);
            case WeightType.Q4_K or WeightType.Q5_K:
                return group < 4
                    ? (d * (b[4 + group] % 64), -m * (b[8 + group] % 64))
                    : (d * ((b[8 + group] & 15) + (16 * (b[group] >> 6))), -m * ((b[8 + group] >> 4) + (16 * (b[4 + group] >> 6))));
            case WeightType.Q6_K:
                return (d * (sbyte)b[192 + group], 0);
            case WeightType.IQ4_XS:
                var high = (BinaryPrimitives.ReadUInt16LittleEndian(b[2..]) >> (2 * group)) & 3;
                return (d * (((b[4 + (group / 2)] >> (group % 2 == 0 ? 0 : 4)) & 15) + (16 * high) - 32), 0);
            default:
                return (d, m);
        }
    }

    private static int Nibble(ReadOnlySpan<byte> b, int i, int run)
    {
        var pair = b[(i / (2 * run) * run) + (i % run)];
        return i % (2 * run) < run ? pair % 16 : pair / 16;
    }

    private static int Crumb(ReadOnlySpan<byte> b, int i) => (b[(32 * (i / 128)) + (i % 32)] >> (2 * (i % 128 / 32))) % 4;

    private static int Bit(ReadOnlySpan<byte> b, int i) => (b[i % 32] >> (i / 32)) % 2;
}
