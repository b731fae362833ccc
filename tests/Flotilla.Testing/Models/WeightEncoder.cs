using System.Buffers.Binary;

namespace Flotilla.Testing.Models;

/// <summary>
/// Floats as the bytes of a type. Quantised by the extremes of a block, with correctly rounded operations only: not as well as
/// llama.cpp's search does it, but into the same bytes on every machine.
/// </summary>
public static class WeightEncoder
{
    private static readonly sbyte[] s_nonLinear = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
    private static readonly sbyte[] s_microscaling = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    /// <summary>Columns and bytes of a block of a type.</summary>
    public static (int Columns, int Bytes) BlockOf(WeightType type) => type switch
    {
        WeightType.F32 => (1, 4),
        WeightType.F16 or WeightType.BF16 => (1, 2),
        WeightType.Q8_0 => (32, 34),
        WeightType.Q4_0 or WeightType.IQ4_NL => (32, 18),
        WeightType.Q4_1 => (32, 20),
        WeightType.Q5_0 => (32, 22),
        WeightType.Q5_1 => (32, 24),
        WeightType.MXFP4 => (32, 17),
        WeightType.Q2_K => (256, 84),
        WeightType.Q3_K => (256, 110),
        WeightType.Q4_K => (256, 144),
        WeightType.Q5_K => (256, 176),
        WeightType.Q6_K => (256, 210),
        WeightType.IQ4_XS => (256, 136),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There is no encoder for this type."),
    };

    /// <summary>The bytes of so many weights; they are whole blocks.</summary>
    public static byte[] Encode(ReadOnlySpan<float> values, WeightType type)
    {
        var (columns, bytes) = BlockOf(type);
        var data = new byte[values.Length / columns * bytes];
        for (var block = 0; block < values.Length / columns; block++)
            Encode(values.Slice(block * columns, columns), type, data.AsSpan(block * bytes, bytes));
        return data;
    }

    private static void Encode(ReadOnlySpan<float> values, WeightType type, Span<byte> block)
    {
        switch (type)
        {
            case WeightType.F32: BinaryPrimitives.WriteSingleLittleEndian(block, values[0]); break;
            case WeightType.F16: BinaryPrimitives.WriteHalfLittleEndian(block, (Half)values[0]); break;
            case WeightType.BF16: BinaryPrimitives.WriteUInt16LittleEndian(block, Brain(values[0])); break;
            case WeightType.Q8_0: Bytes(values, block); break;
            case WeightType.Q4_0: Nibbles(Symmetric(values, 8, block), 16, block[2..]); break;
            case WeightType.Q4_1: Nibbles(Affine(values, 15, block), 16, block[4..]); break;
            case WeightType.Q5_0: FiveBits(Symmetric(values, 16, block), block[2..]); break;
            case WeightType.Q5_1: FiveBits(Affine(values, 31, block), block[4..]); break;
            case WeightType.IQ4_NL: NonLinear(values, block); break;
            case WeightType.MXFP4: Microscaling(values, block); break;
            default: LargeBlockEncoder.Encode(values, type, block); break;
        }
    }

    /// <summary>The greatest magnitude.</summary>
    internal static float Magnitude(ReadOnlySpan<float> values)
    {
        var max = 0f;
        foreach (var value in values)
            max = MathF.Max(max, MathF.Abs(value));
        return max;
    }

    /// <summary>The nearest code to a value divided by a scale; the code of 0 where the scale is 0.</summary>
    internal static byte Code(float value, float scale, int offset, int top) =>
        scale == 0 ? (byte)offset : (byte)Math.Clamp((int)MathF.Round(value / scale) + offset, 0, top);

    /// <summary>The index of the nearest entry of IQ4_NL's codebook.</summary>
    internal static byte NonLinearCode(float value, float scale) => Nearest(value, scale, s_nonLinear);

    /// <summary>Four bits a column: of each run of bytes first the low halves, then the high halves.</summary>
    internal static void Nibbles(ReadOnlySpan<byte> codes, int run, Span<byte> bytes)
    {
        for (var column = 0; column < codes.Length; column++)
        {
            var (chunk, within) = (column / (2 * run), column % (2 * run));
            bytes[(chunk * run) + (within % run)] |= (byte)((codes[column] & 15) << (within / run * 4));
        }
    }

    private static ushort Brain(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static void Bytes(ReadOnlySpan<float> values, Span<byte> block)
    {
        var max = Magnitude(values);
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)(max / 127));
        for (var index = 0; index < values.Length && max > 0; index++)
            block[2 + index] = (byte)(sbyte)MathF.Round(values[index] / (max / 127));
    }

    private static byte[] Symmetric(ReadOnlySpan<float> values, int offset, Span<byte> block)
    {
        var scale = (Half)(Magnitude(values) / (offset - 1));
        BinaryPrimitives.WriteHalfLittleEndian(block, scale);
        var codes = new byte[values.Length];
        for (var index = 0; index < codes.Length; index++)
            codes[index] = Code(values[index], (float)scale, offset, (2 * offset) - 1);
        return codes;
    }

    private static byte[] Affine(ReadOnlySpan<float> values, int top, Span<byte> block)
    {
        var (min, max) = (values[0], values[0]);
        foreach (var value in values)
            (min, max) = (MathF.Min(min, value), MathF.Max(max, value));
        var (scale, minimum) = ((Half)((max - min) / top), (Half)min);
        BinaryPrimitives.WriteHalfLittleEndian(block, scale);
        BinaryPrimitives.WriteHalfLittleEndian(block[2..], minimum);
        var codes = new byte[values.Length];
        for (var index = 0; index < codes.Length; index++)
            codes[index] = Code(values[index] - (float)minimum, (float)scale, 0, top);
        return codes;
    }

    private static void FiveBits(ReadOnlySpan<byte> codes, Span<byte> bytes)
    {
        var fifth = 0u;
        for (var column = 0; column < codes.Length; column++)
            fifth |= (uint)(codes[column] >> 4) << column;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, fifth);
        Nibbles(codes, 16, bytes[4..]);
    }

    private static void NonLinear(ReadOnlySpan<float> values, Span<byte> block)
    {
        var scale = (Half)(Magnitude(values) / 127);
        BinaryPrimitives.WriteHalfLittleEndian(block, scale);
        var codes = new byte[values.Length];
        for (var index = 0; index < codes.Length; index++)
            codes[index] = NonLinearCode(values[index], (float)scale);
        Nibbles(codes, 16, block[2..]);
    }

    /// <summary>The least power of two that leaves no value beyond ±6.</summary>
    private static void Microscaling(ReadOnlySpan<float> values, Span<byte> block)
    {
        var (exponent, scale, max) = (127, 0.5f, Magnitude(values));
        for (; exponent < 250 && 12 * scale < max; exponent++)
            scale *= 2;
        for (; exponent > 5 && 6 * scale >= max; exponent--)
            scale /= 2;
        block[0] = (byte)exponent;
        var codes = new byte[values.Length];
        for (var index = 0; index < codes.Length; index++)
            codes[index] = Nearest(values[index], scale, s_microscaling);
        Nibbles(codes, 16, block[1..]);
    }

    private static byte Nearest(float value, float scale, ReadOnlySpan<sbyte> codebook)
    {
        var best = 0;
        for (var code = 1; code < codebook.Length; code++)
        {
            if (MathF.Abs(value - (scale * codebook[code])) < MathF.Abs(value - (scale * codebook[best])))
                best = code;
        }

        return (byte)best;
    }
}
