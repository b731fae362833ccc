using System.Buffers.Binary;

namespace Flotilla.Testing.Models;

/// <summary>The types whose blocks are 256 columns, each group of 16 or 32 with small integers as factors of the block's scale and minimum.</summary>
internal static class LargeBlockEncoder
{
    /// <summary>Quantises and writes one block, which holds zeros.</summary>
    public static void Encode(ReadOnlySpan<float> values, WeightType type, Span<byte> block)
    {
        switch (type)
        {
            case WeightType.Q2_K: Q2(Affine(values, 16, 15, 3, block[80..]), block); break;
            case WeightType.Q3_K: Q3(Symmetric(values, 16, 31, 4, block[108..]), block); break;
            case WeightType.Q4_K: Q4(Affine(values, 32, 63, 15, block), block); break;
            case WeightType.Q5_K: Q5(Affine(values, 32, 63, 31, block), block); break;
            case WeightType.Q6_K: Q6(Symmetric(values, 16, 127, 32, block[208..]), block); break;
            case WeightType.IQ4_XS: NonLinear(values, block); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "There is no encoder for this type.");
        }
    }

    private sealed record Groups(byte[] Codes, int[] Scales, int[] Minimums);

    private static Groups Symmetric(ReadOnlySpan<float> values, int length, int factorTop, int offset, Span<byte> scaleAt)
    {
        var (factors, steps) = Factors(values, length, factorTop, offset - 1, scaleAt);
        var codes = new byte[values.Length];
        for (var index = 0; index < codes.Length; index++)
            codes[index] = WeightEncoder.Code(values[index], steps[index / length], offset, (2 * offset) - 1);
        return new Groups(codes, factors, []);
    }

    /// <summary>Of each group the factor, and the step from one integer to the next.</summary>
    private static (int[] Factors, float[] Steps) Factors(ReadOnlySpan<float> values, int length, int factorTop, int top, Span<byte> scaleAt)
    {
        var wanted = new float[values.Length / length];
        for (var group = 0; group < wanted.Length; group++)
            wanted[group] = WeightEncoder.Magnitude(values.Slice(group * length, length)) / top;
        var (scale, factors) = Factors(wanted, factorTop);
        BinaryPrimitives.WriteHalfLittleEndian(scaleAt, scale);
        return (factors, [.. factors.Select(factor => (float)scale * factor)]);
    }

    private static (Half Scale, int[] Factors) Factors(float[] wanted, int factorTop)
    {
        var scale = (Half)(WeightEncoder.Magnitude(wanted) / factorTop);
        return (scale, [.. wanted.Select(step => (int)WeightEncoder.Code(step, (float)scale, 0, factorTop))]);
    }

    private static Groups Affine(ReadOnlySpan<float> values, int length, int factorTop, int top, Span<byte> scalesAt)
    {
        var count = values.Length / length;
        var (steps, depths) = (new float[count], new float[count]);
        for (var group = 0; group < count; group++)
        {
            var (min, max) = (0f, 0f);
            foreach (var value in values.Slice(group * length, length))
                (min, max) = (MathF.Min(min, value), MathF.Max(max, value));
            (steps[group], depths[group]) = ((max - min) / top, -min);
        }

        var (scale, scales) = Factors(steps, factorTop);
        var (minimum, minimums) = Factors(depths, factorTop);
        BinaryPrimitives.WriteHalfLittleEndian(scalesAt, scale);
        BinaryPrimitives.WriteHalfLittleEndian(scalesAt[2..], minimum);
        var codes = new byte[values.Length];
        for (var index = 0; index < codes.Length; index++)
        {
            var group = index / length;
            codes[index] = WeightEncoder.Code(values[index] + ((float)minimum * minimums[group]), (float)scale * scales[group], 0, top);
        }

        return new Groups(codes, scales, minimums);
    }

    private static void Q2(Groups groups, Span<byte> block)
    {
        for (var group = 0; group < 16; group++)
            block[group] = (byte)(groups.Scales[group] | (groups.Minimums[group] << 4));
        Crumbs(groups.Codes, 0, block[16..]);
    }

    private static void Q3(Groups groups, Span<byte> block)
    {
        Bits(groups.Codes, 2, block);
        Crumbs(groups.Codes, 0, block[32..]);
        var factors = block.Slice(96, 12);
        for (var group = 0; group < 16; group++)
        {
            var factor = groups.Scales[group] + 32;
            factors[group % 8] |= (byte)((factor & 15) << (group / 8 * 4));
            factors[8 + (group % 4)] |= (byte)((factor >> 4) << (group / 4 * 2));
        }
    }

    private static void Q4(Groups groups, Span<byte> block)
    {
        SixBits(groups, block[4..]);
        WeightEncoder.Nibbles(groups.Codes, 32, block[16..]);
    }

    private static void Q5(Groups groups, Span<byte> block)
    {
        SixBits(groups, block[4..]);
        Bits(groups.Codes, 4, block[16..]);
        WeightEncoder.Nibbles(groups.Codes, 32, block[48..]);
    }

    private static void Q6(Groups groups, Span<byte> block)
    {
        WeightEncoder.Nibbles(groups.Codes, 64, block);
        Crumbs(groups.Codes, 4, block[128..]);
        for (var group = 0; group < 16; group++)
            block[192 + group] = (byte)(sbyte)groups.Scales[group];
    }

    private static void NonLinear(ReadOnlySpan<float> values, Span<byte> block)
    {
        var (factors, steps) = Factors(values, 32, 31, 127, block);
        var (codes, high) = (new byte[values.Length], 0);
        for (var group = 0; group < 8; group++)
        {
            block[4 + (group / 2)] |= (byte)(((factors[group] + 32) & 15) << (group % 2 * 4));
            high |= ((factors[group] + 32) >> 4) << (2 * group);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[2..], (ushort)high);
        for (var index = 0; index < codes.Length; index++)
            codes[index] = WeightEncoder.NonLinearCode(values[index], steps[index / 32]);
        WeightEncoder.Nibbles(codes, 16, block[8..]);
    }

    private static void SixBits(Groups groups, Span<byte> bytes)
    {
        for (var group = 0; group < 4; group++)
        {
            bytes[group] = (byte)(groups.Scales[group] | (groups.Scales[group + 4] >> 4 << 6));
            bytes[group + 4] = (byte)(groups.Minimums[group] | (groups.Minimums[group + 4] >> 4 << 6));
            bytes[group + 8] = (byte)((groups.Scales[group + 4] & 15) | ((groups.Minimums[group + 4] & 15) << 4));
        }
    }

    private static void Crumbs(byte[] codes, int shift, Span<byte> bytes)
    {
        for (var column = 0; column < codes.Length; column++)
            bytes[(column / 128 * 32) + (column % 32)] |= (byte)(((codes[column] >> shift) & 3) << (column % 128 / 32 * 2));
    }

    private static void Bits(byte[] codes, int shift, Span<byte> bytes)
    {
        for (var column = 0; column < codes.Length; column++)
            bytes[column % 32] |= (byte)(((codes[column] >> shift) & 1) << (column / 32));
    }
}
