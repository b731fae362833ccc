using System.Buffers.Binary;

namespace Flotilla.Engine.Tensors.Formats;

/// <summary>The ways in which the types of the file lay out codes and scales; each is used by several types.</summary>
internal static class FileCodes
{
    /// <summary>A half-precision number of a block.</summary>
    public static float Half(ReadOnlySpan<byte> block, int at) => (float)BinaryPrimitives.ReadHalfLittleEndian(block[at..]);

    /// <summary>Four bits a column: of each run of bytes first all low halves, then all high halves.</summary>
    public static void Nibbles(ReadOnlySpan<byte> bytes, int run, Span<byte> codes)
    {
        for (var start = 0; start < bytes.Length; start += run)
        {
            var low = codes.Slice(2 * start, run);
            var high = codes.Slice((2 * start) + run, run);
            for (var index = 0; index < run; index++)
            {
                low[index] = (byte)(bytes[start + index] & 15);
                high[index] = (byte)(bytes[start + index] >> 4);
            }
        }
    }

    /// <summary>Two bits a column, put above the <paramref name="shift"/> bits that are there: 32 bytes hold the columns l, l + 32, l + 64 and l + 96 in byte l.</summary>
    public static void Crumbs(ReadOnlySpan<byte> bytes, int shift, Span<byte> codes)
    {
        for (var column = 0; column < BlockContent.ColumnsMax; column++)
            codes[column] |= (byte)(((bytes[(column / 128 * 32) + (column % 32)] >> (column / 32 % 4 * 2)) & 3) << shift);
    }

    /// <summary>One bit a column, put above the <paramref name="shift"/> bits that are there: bit k of byte l is column 32k + l.</summary>
    public static void Bits(ReadOnlySpan<byte> bytes, int shift, Span<byte> codes)
    {
        for (var column = 0; column < BlockContent.ColumnsMax; column++)
            codes[column] |= (byte)(((bytes[column % 32] >> (column / 32)) & 1) << shift);
    }

    /// <summary>The fifth bits of 32 columns, in order.</summary>
    public static void FifthBits(ReadOnlySpan<byte> bytes, Span<byte> codes)
    {
        var bits = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        for (var column = 0; column < 32; column++)
            codes[column] |= (byte)(((bits >> column) & 1) << 4);
    }

    /// <summary>Eight scales and eight minimums of six bits each, in 12 bytes.</summary>
    public static void SixBitPairs(ReadOnlySpan<byte> bytes, BlockContent content)
    {
        for (var group = 0; group < 4; group++)
        {
            var (first, second, last) = (bytes[group], bytes[group + 4], bytes[group + 8]);
            content.GroupScales[group] = (sbyte)(first & 63);
            content.GroupMinimums[group] = (sbyte)(second & 63);
            content.GroupScales[group + 4] = (sbyte)((last & 15) | ((first >> 6) << 4));
            content.GroupMinimums[group + 4] = (sbyte)((last >> 4) | ((second >> 6) << 4));
        }
    }
}
