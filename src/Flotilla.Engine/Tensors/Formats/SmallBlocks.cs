using Flotilla.Engine.Gguf;

namespace Flotilla.Engine.Tensors.Formats;

/// <summary>32 signed bytes and a scale.</summary>
internal readonly struct Q8_0 : IBlockFormat
{
    public static TensorType Type => TensorType.Q8_0;

    public static int LowBits => 8;

    public static void Read(ReadOnlySpan<byte> block, BlockContent content)
    {
        content.Scale = FileCodes.Half(block, 0);
        block.Slice(2, 32).CopyTo(content.Codes);
    }
}

/// <summary>32 codes of four bits, less 8, and a scale.</summary>
internal readonly struct Q4_0 : IBlockFormat
{
    public static TensorType Type => TensorType.Q4_0;

    public static int LowBits => 4;

    public static int Offset => 8;

    public static void Read(ReadOnlySpan<byte> block, BlockContent content)
    {
        content.Scale = FileCodes.Half(block, 0);
        FileCodes.Nibbles(block.Slice(2, 16), 16, content.Codes);
    }
}

/// <summary>32 codes of four bits, a scale and a minimum.</summary>
internal readonly struct Q4_1 : IBlockFormat
{
    public static TensorType Type => TensorType.Q4_1;

    public static int LowBits => 4;

    public static bool HasMinimums => true;

    public static void Read(ReadOnlySpan<byte> block, BlockContent content)
    {
        (content.Scale, content.Minimum) = (FileCodes.Half(block, 0), FileCodes.Half(block, 2));
        FileCodes.Nibbles(block.Slice(4, 16), 16, content.Codes);
    }
}

/// <summary>32 codes of five bits, less 16, and a scale.</summary>
internal readonly struct Q5_0 : IBlockFormat
{
    public static TensorType Type => TensorType.Q5_0;

    public static int LowBits => 4;

    public static int HighBits => 1;

    public static int Offset => 16;

    public static void Read(ReadOnlySpan<byte> block, BlockContent content)
    {
        content.Scale = FileCodes.Half(block, 0);
        FileCodes.Nibbles(block.Slice(6, 16), 16, content.Codes);
        FileCodes.FifthBits(block.Slice(2, 4), content.Codes);
    }
}

/// <summary>32 codes of five bits, a scale and a minimum.</summary>
internal readonly struct Q5_1 : IBlockFormat
{
    public static TensorType Type => TensorType.Q5_1;

    public static int LowBits => 4;

    public static int HighBits => 1;

    public static bool HasMinimums => true;

    public static void Read(ReadOnlySpan<byte> block, BlockContent content)
    {
        (content.Scale, content.Minimum) = (FileCodes.Half(block, 0), FileCodes.Half(block, 2));
        FileCodes.Nibbles(block.Slice(8, 16), 16, content.Codes);
        FileCodes.FifthBits(block.Slice(4, 4), content.Codes);
    }
}
