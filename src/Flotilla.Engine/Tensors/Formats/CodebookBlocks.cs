using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using Flotilla.Engine.Gguf;

namespace Flotilla.Engine.Tensors.Formats;

/// <summary>32 indices of a codebook that is denser around 0, and a scale.</summary>
internal readonly struct IQ4_NL : IBlockFormat
{
    public static TensorType Type => TensorType.IQ4_NL;

    public static int LowBits => 4;

    public static bool HasCodebook => true;

    public static Vector128<sbyte> Codebook => Vector128.Create(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

    public static void Read(ReadOnlySpan<byte> block, BlockContent content)
    {
        content.Scale = FileCodes.Half(block, 0);
        FileCodes.Nibbles(block.Slice(2, 16), 16, content.Codes);
    }
}

/// <summary>256 indices of the same codebook; each 32 have a factor of six bits, less 32, of the scale.</summary>
internal readonly struct IQ4_XS : IBlockFormat
{
    public static TensorType Type => TensorType.IQ4_XS;

    public static int LowBits => 4;

    public static bool HasCodebook => true;

    public static Vector128<sbyte> Codebook => IQ4_NL.Codebook;

    public static bool HasGroupScales => true;

    public static void Read(ReadOnlySpan<byte> block, BlockContent content)
    {
        content.Scale = FileCodes.Half(block, 0);
        var high = BinaryPrimitives.ReadUInt16LittleEndian(block[2..]);
        for (var group = 0; group < 8; group++)
        {
            var low = (block[4 + (group / 2)] >> (group % 2 * 4)) & 15;
            content.GroupScales[group] = (sbyte)((low | (((high >> (2 * group)) & 3) << 4)) - 32);
        }

        FileCodes.Nibbles(block.Slice(8, 128), 16, content.Codes);
    }
}

/// <summary>The OCP microscaling format: 32 E2M1 numbers, here doubled to be integers, and a power of two as E8M0, here halved.</summary>
internal readonly struct MXFP4 : IBlockFormat
{
    private const byte NotANumber = 255;

    public static TensorType Type => TensorType.MXFP4;

    public static int LowBits => 4;

    public static bool HasCodebook => true;

    public static Vector128<sbyte> Codebook => Vector128.Create(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

    /// <summary>Every power of two from 2^−128, a denormal, to 2^126.</summary>
    public static TensorType ScaleType => TensorType.BF16;

    public static void Read(ReadOnlySpan<byte> block, BlockContent content)
    {
        content.Scale = block[0] switch
        {
            NotANumber => float.NaN,
            < 2 and var exponent => BitConverter.UInt32BitsToSingle(0x0020_0000u << exponent),
            var exponent => BitConverter.UInt32BitsToSingle((exponent - 1u) << 23),
        };
        FileCodes.Nibbles(block.Slice(1, 16), 16, content.Codes);
    }
}
