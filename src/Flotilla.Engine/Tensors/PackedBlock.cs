using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Kernels.Lanes;
using Flotilla.Engine.Tensors.Formats;

namespace Flotilla.Engine.Tensors;

/// <summary>
/// Where the blocks of 16 rows lie once packed: 16 scales, 16 minimums, of each group 16 factors of the one and of the other,
/// and for each part of 32 columns the codes, in one plane or two. Codes unpack to bytes in the order in which the kernels
/// read: of each pair of columns the two of every row. A plane of b bits is 64·b bytes long, and the code of byte e of that
/// order stands in byte e % (64·b), shifted by b · (e / (64·b)), so that one load gives as many codes as it has bytes.
/// </summary>
internal static unsafe class PackedBlock<TFormat>
    where TFormat : struct, IBlockFormat
{
    private const int PartColumns = Activations.BlockLength;

    /// <summary>Columns of a block.</summary>
    public static int Columns => TFormat.HasGroupScales ? BlockContent.ColumnsMax : PartColumns;

    /// <summary>Parts of a block, each of as many columns as a block of activations.</summary>
    public static int Parts => Columns / PartColumns;

    /// <summary>Groups of a part.</summary>
    public static int PartGroups => PartColumns / TFormat.GroupLength;

    /// <summary>Bytes of the blocks of 16 rows.</summary>
    public static int Bytes => CodesAt + (Parts * PartBytes);

    private static int ScaleBytes => RowGroups.Rows * (TFormat.ScaleType == TensorType.F32 ? sizeof(float) : sizeof(ushort));

    private static int HeadBytes => TFormat.HasMinimums ? 2 * ScaleBytes : ScaleBytes;

    private static int FactorBytes => TFormat.HasMinimums ? 2 * RowGroups.Rows : RowGroups.Rows;

    private static int CodesAt => TFormat.HasGroupScales ? HeadBytes + (Parts * PartGroups * FactorBytes) : HeadBytes;

    private static int PartBytes => LaneConstants.PlaneBytes * (TFormat.LowBits + TFormat.HighBits);

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
            PutPlane(codes, 0, TFormat.LowBits, row, planes);
            if (TFormat.HighBits > 0)
                PutPlane(codes, TFormat.LowBits, TFormat.HighBits, row, planes[(LaneConstants.PlaneBytes * TFormat.LowBits)..]);
        }
    }

    /// <summary>The codes of a part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Codes(byte* block, int part) => block + CodesAt + (part * PartBytes);

    /// <summary>The integers of a part, one after another as the kernels read them.</summary>
    /// <param name="block">A packed block.</param>
    /// <param name="part">Which 32 columns of it.</param>
    /// <param name="scratch">512 bytes to unpack into; not used where the codes are the integers.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static sbyte* Weights<T>(byte* block, int part, sbyte* scratch)
        where T : struct, ILanes<T>
    {
        if (TFormat.LowBits == 8)
            return (sbyte*)Codes(block, part);
        T.Unpack<TFormat>(Codes(block, part), scratch);
        return scratch;
    }

    /// <summary>The scales of a group's 16 rows. The product with a factor is exact: 11 bits times 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Scale<T>(byte* block, int part, int group)
        where T : struct, ILanes<T>
    {
        var scale = LoadScale<T>(block);
        return TFormat.HasGroupScales ? scale * T.LoadBytes(Factors(block, part, group)) : scale;
    }

    /// <summary>The minimums of a group's 16 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Minimum<T>(byte* block, int part, int group)
        where T : struct, ILanes<T>
    {
        var minimum = LoadScale<T>(block + ScaleBytes);
        return TFormat.HasGroupScales ? minimum * T.LoadBytes(Factors(block, part, group) + RowGroups.Rows) : minimum;
    }

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
        TFormat.ScaleType == TensorType.F32 ? T.Load((float*)source)
        : TFormat.ScaleType == TensorType.BF16 ? T.LoadBrain((ushort*)source)
        : T.LoadHalf((ushort*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static sbyte* Factors(byte* block, int part, int group) =>
        (sbyte*)block + HeadBytes + (((part * PartGroups) + group) * FactorBytes);

    private static void PutScale(float scale, int row, Span<byte> packed)
    {
        if (TFormat.ScaleType == TensorType.F32)
            BinaryPrimitives.WriteSingleLittleEndian(packed[(row * sizeof(float))..], scale);
        else if (TFormat.ScaleType == TensorType.BF16)
            BinaryPrimitives.WriteUInt16LittleEndian(packed[(row * sizeof(ushort))..], (ushort)(BitConverter.SingleToUInt32Bits(scale) >> 16));
        else
            BinaryPrimitives.WriteHalfLittleEndian(packed[(row * sizeof(ushort))..], (Half)scale);
    }

    /// <summary>
    /// Puts <paramref name="bits"/> bits of each code, from bit <paramref name="skip"/> on, into a plane; two columns at once.
    /// Inlined for its divisions by what is then constant.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutPlane(ReadOnlySpan<byte> codes, int skip, int bits, int row, Span<byte> plane)
    {
        var source = MemoryMarshal.Cast<byte, ushort>(codes);
        var target = MemoryMarshal.Cast<byte, ushort>(plane);
        var length = (uint)(LaneConstants.PlaneBytes * bits / sizeof(ushort));
        var mask = ((1 << bits) - 1) * 0x0101;
        for (var pair = 0; pair < source.Length; pair++)
        {
            var element = (uint)((pair * RowGroups.Rows) + row);
            target[(int)(element % length)] |= (ushort)(((source[pair] >> skip) & mask) << (bits * (int)(element / length)));
        }
    }
}
