using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Kernels.Lanes;
using Flotilla.Engine.Tensors.Formats;

namespace Flotilla.Engine.Tensors;

/// <summary>
/// Where the blocks of 16 rows lie once packed: 16 scales, 16 minimums, of each group 16 factors of the one and of the other,
/// and for each part of 32 columns the codes, in one plane or two. Codes unpack to bytes in the order in which the kernels
/// read: of each pair of columns the two of every row, of small codes of each four columns the four of every row. A plane of
/// b bits is 64·b bytes long, and the code of byte e of that order stands in byte e % (64·b), shifted by b · (e / (64·b)), so
/// that one load gives as many codes as it has bytes.
/// </summary>
internal static unsafe class PackedBlock<TFormat>
    where TFormat : struct, IBlockFormat
{
    private const int PartColumns = Activations.BlockLength;

    /// <summary>Columns of a block.</summary>
    public static int Columns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.HasGroupScales ? BlockContent.ColumnsMax : PartColumns;
    }

    /// <summary>Parts of a block, each of as many columns as a block of activations.</summary>
    public static int Parts
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Columns / PartColumns;
    }

    /// <summary>Whether the kernels multiply the codes as they are, of at most six bits and without a sign, and see to the offset afterwards.</summary>
    public static bool HasSmallCodes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.LowBits < 8 && !TFormat.HasCodebook;
    }

    /// <summary>How many pairs of products of a small code and an activation, at most 127, fit into 16 bits together: 2, 4 or 8.</summary>
    public static int PairsSummed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (TFormat.LowBits + TFormat.HighBits) switch { <= 4 => 8, 5 => 4, _ => 2 };
    }

    /// <summary>Groups of a part.</summary>
    public static int PartGroups
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => PartColumns / TFormat.GroupLength;
    }

    /// <summary>Bytes of the blocks of 16 rows.</summary>
    public static int Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => CodesAt + (Parts * PartBytes);
    }

    private static int ScaleBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => RowGroups.Rows * sizeof(ushort);
    }

    private static int HeadBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.HasMinimums ? 2 * ScaleBytes : ScaleBytes;
    }

    private static int FactorBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.HasMinimums ? 2 * RowGroups.Rows : RowGroups.Rows;
    }

    private static int CodesAt
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.HasGroupScales ? HeadBytes + (Parts * PartGroups * FactorBytes) : HeadBytes;
    }

    private static int PartBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => LaneConstants.PlaneBytes * (TFormat.LowBits + TFormat.HighBits);
    }

    /// <summary>Puts one row's block in its place among the 16; the place holds zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Put(BlockContent content, int row, Span<byte> packed)
    {
        PutScale(content.Scale, row, packed);
        if (TFormat.HasMinimums)
            PutScale(content.Minimum, row, packed[ScaleBytes..]);
        for (var group = 0; TFormat.HasGroupScales && group < Parts * PartGroups; group++)
        {
            var factors = packed.Slice(HeadBytes + (group * FactorBytes), FactorBytes);
            factors[row] = (byte)content.GroupScales[group];
            if (TFormat.HasMinimums)
                factors[RowGroups.Rows + row] = (byte)content.GroupMinimums[group];
        }

        for (var part = 0; part < Parts; part++)
        {
            var codes = content.Codes.AsSpan(part * PartColumns, PartColumns);
            var planes = packed.Slice(CodesAt + (part * PartBytes), PartBytes);
            if (HasSmallCodes)
                PutPlanes<uint>(codes, row, planes);
            else
                PutPlanes<ushort>(codes, row, planes);
        }
    }

    /// <summary>Where a row's byte stands among the unpacked ones of its part.</summary>
    public static int ByteOf(int row, int column)
    {
        var together = HasSmallCodes ? sizeof(uint) : sizeof(ushort);
        return (column / together * together * RowGroups.Rows) + (row * together) + (column % together);
    }

    /// <summary>The codes of a part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Codes(byte* block, int part) => block + CodesAt + (part * PartBytes);

    /// <summary>What the kernels read of a part: its codes, where they are the integers or small, or else the integers.</summary>
    /// <param name="block">A packed block.</param>
    /// <param name="part">Which 32 columns of it.</param>
    /// <param name="scratch">512 bytes to unpack into.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static sbyte* Weights<T>(byte* block, int part, sbyte* scratch)
        where T : struct, ILanes<T>
    {
        if (!TFormat.HasCodebook)
            return (sbyte*)Codes(block, part);
        T.Unpack<TFormat>(Codes(block, part), scratch);
        return scratch;
    }

    /// <summary>A group's integers among those of a part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static sbyte* OfGroup(sbyte* weights, int group) => weights + (group * RowGroups.Rows * TFormat.GroupLength);

    /// <summary>The scales of a group's 16 rows, from those of their blocks. The product with a factor is exact: 11 bits times 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Scale<T>(T ofBlock, byte* block, int part, int group)
        where T : struct, ILanes<T> =>
        TFormat.HasGroupScales ? ofBlock * T.LoadBytes(Factors(block, part, group)) : ofBlock;

    /// <summary>The minimums of a group's 16 rows, from those of their blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Minimum<T>(T ofBlock, byte* block, int part, int group)
        where T : struct, ILanes<T> =>
        TFormat.HasMinimums && TFormat.HasGroupScales ? ofBlock * T.LoadBytes(Factors(block, part, group) + RowGroups.Rows) : ofBlock;

    /// <summary>The scales of 16 rows' blocks, before any factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T ScalesOfBlock<T>(byte* block)
        where T : struct, ILanes<T> => LoadScale<T>(block);

    /// <summary>The minimums of 16 rows' blocks, before any factor; zeros where the type has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T MinimumsOfBlock<T>(byte* block)
        where T : struct, ILanes<T> => TFormat.HasMinimums ? LoadScale<T>(block + ScaleBytes) : default;

    /// <summary>One integer of a part: what unpacking puts at byte <paramref name="element"/>.</summary>
    public static sbyte Weight(byte* codes, int element)
    {
        var code = Plane(codes, TFormat.LowBits, element);
        if (TFormat.HighBits > 0)
            code |= Plane(codes + (LaneConstants.PlaneBytes * TFormat.LowBits), TFormat.HighBits, element) << TFormat.LowBits;
        return TFormat.HasCodebook ? TFormat.Codebook[code] : (sbyte)(code - TFormat.Offset);
    }

    private static int Plane(byte* plane, int bits, int element)
    {
        var length = LaneConstants.PlaneBytes * bits;
        return (plane[element % length] >> (bits * (element / length))) & ((1 << bits) - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T LoadScale<T>(byte* source)
        where T : struct, ILanes<T> =>
        TFormat.ScaleType == TensorType.BF16 ? T.LoadBrain((ushort*)source) : T.LoadHalf((ushort*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static sbyte* Factors(byte* block, int part, int group) =>
        (sbyte*)block + HeadBytes + (((part * PartGroups) + group) * FactorBytes);

    private static void PutScale(float scale, int row, Span<byte> packed)
    {
        if (TFormat.ScaleType == TensorType.BF16)
            BinaryPrimitives.WriteUInt16LittleEndian(packed[(row * sizeof(ushort))..], (ushort)(BitConverter.SingleToUInt32Bits(scale) >> 16));
        else
            BinaryPrimitives.WriteHalfLittleEndian(packed[(row * sizeof(ushort))..], (Half)scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutPlanes<TTogether>(ReadOnlySpan<byte> codes, int row, Span<byte> planes)
        where TTogether : unmanaged, IBinaryInteger<TTogether>
    {
        PutPlane<TTogether>(codes, 0, TFormat.LowBits, row, planes);
        if (TFormat.HighBits > 0)
            PutPlane<TTogether>(codes, TFormat.LowBits, TFormat.HighBits, row, planes[(LaneConstants.PlaneBytes * TFormat.LowBits)..]);
    }

    /// <summary>
    /// Puts <paramref name="bits"/> bits of each code, from bit <paramref name="skip"/> on, into a plane; two or four columns at
    /// once. Inlined for its divisions by what is then constant.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutPlane<TTogether>(ReadOnlySpan<byte> codes, int skip, int bits, int row, Span<byte> plane)
        where TTogether : unmanaged, IBinaryInteger<TTogether>
    {
        var source = MemoryMarshal.Cast<byte, TTogether>(codes);
        var target = MemoryMarshal.Cast<byte, TTogether>(plane);
        var length = (uint)(LaneConstants.PlaneBytes * bits / sizeof(TTogether));
        var mask = TTogether.CreateTruncating(((1u << bits) - 1) * 0x0101_0101);
        for (var run = 0; run < source.Length; run++)
        {
            var element = (uint)((run * RowGroups.Rows) + row);
            target[(int)(element % length)] |= ((source[run] >>> skip) & mask) << (bits * (int)(element / length));
        }
    }
}
