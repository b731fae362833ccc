using System.Runtime.InteropServices;
using Flotilla.Engine.Gguf;

namespace Flotilla.Engine.Tensors.Formats;

/// <summary>256 codes of two bits; each 16 have factors of four bits of the scale and of the minimum.</summary>
internal readonly struct Q2_K : IBlockFormat
{
    public static TensorType Type => TensorType.Q2_K;

    public static int LowBits => 2;

    public static bool HasMinimums => true;

    public static bool HasGroupScales => true;

    public static int GroupLength => 16;

    public static void Read(ReadOnlySpan<byte> block, BlockContent content)
    {
        (content.Scale, content.Minimum) = (FileCodes.Half(block, 80), -FileCodes.Half(block, 82));
        for (var group = 0; group < 16; group++)
        {
            content.GroupScales[group] = (sbyte)(block[group] & 15);
            content.GroupMinimums[group] = (sbyte)(block[group] >> 4);
        }

        content.Codes.AsSpan().Clear();
        FileCodes.Crumbs(block.Slice(16, 64), 0, content.Codes);
    }
}

/// <summary>256 codes of three bits, less 4; each 16 have a factor of six bits, less 32, of the scale.</summary>
internal readonly struct Q3_K : IBlockFormat
{
    public static TensorType Type => TensorType.Q3_K;

    public static int LowBits => 2;

    public static int HighBits => 1;

    public static int Offset => 4;

    public static bool HasGroupScales => true;

    public static int GroupLength => 16;

    public static void Read(ReadOnlySpan<byte> block, BlockContent content)
    {
        content.Scale = FileCodes.Half(block, 108);
        var factors = block.Slice(96, 12);
        for (var group = 0; group < 16; group++)
        {
            var low = (factors[group % 8] >> (group / 8 * 4)) & 15;
            var high = (factors[8 + (group % 4)] >> (group / 4 * 2)) & 3;
            content.GroupScales[group] = (sbyte)((low | (high << 4)) - 32);
        }

        content.Codes.AsSpan().Clear();
        FileCodes.Crumbs(block.Slice(32, 64), 0, content.Codes);
        FileCodes.Bits(block[..32], 2, content.Codes);
    }
}

/// <summary>256 codes of four bits; each 32 have factors of six bits of the scale and of the minimum.</summary>
internal readonly struct Q4_K : IBlockFormat
{
    public static TensorType Type => TensorType.Q4_K;

    public static int LowBits => 4;

    public static bool HasMinimums => true;

    public static bool HasGroupScales => true;

    public static void Read(ReadOnlySpan<byte> block, BlockContent content)
    {
        (content.Scale, content.Minimum) = (FileCodes.Half(block, 0), -FileCodes.Half(block, 2));
        FileCodes.SixBitPairs(block.Slice(4, 12), content);
        FileCodes.Nibbles(block.Slice(16, 128), 32, content.Codes);
    }
}

/// <summary>256 codes of five bits; each 32 have factors of six bits of the scale and of the minimum.</summary>
internal readonly struct Q5_K : IBlockFormat
{
    public static TensorType Type => TensorType.Q5_K;

    public static int LowBits => 4;

    public static int HighBits => 1;

    public static bool HasMinimums => true;

    public static bool HasGroupScales => true;

    public static void Read(ReadOnlySpan<byte> block, BlockContent content)
    {
        (content.Scale, content.Minimum) = (FileCodes.Half(block, 0), -FileCodes.Half(block, 2));
        FileCodes.SixBitPairs(block.Slice(4, 12), content);
        FileCodes.Nibbles(block.Slice(48, 128), 32, content.Codes);
        FileCodes.Bits(block.Slice(16, 32), 4, content.Codes);
    }
}

/// <summary>256 codes of six bits, less 32; each 16 have a signed byte as factor of the scale.</summary>
internal readonly struct Q6_K : IBlockFormat
{
    public static TensorType Type => TensorType.Q6_K;

    public static int LowBits => 4;

    public static int HighBits => 2;

    public static int Offset => 32;

    public static bool HasGroupScales => true;

    public static int GroupLength => 16;

    public static void Read(ReadOnlySpan<byte> block, BlockContent content)
    {
        content.Scale = FileCodes.Half(block, 208);
        MemoryMarshal.Cast<byte, sbyte>(block.Slice(192, 16)).CopyTo(content.GroupScales);
        FileCodes.Nibbles(block[..128], 64, content.Codes);
        FileCodes.Crumbs(block.Slice(128, 64), 4, content.Codes);
    }
}
