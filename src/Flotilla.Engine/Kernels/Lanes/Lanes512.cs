using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Flotilla.Engine.Tensors;
using Flotilla.Engine.Tensors.Formats;

namespace Flotilla.Engine.Kernels.Lanes;

/// <summary>One register of 512 bits: lane j is element j. Needs AVX-512 F and BW.</summary>
internal readonly unsafe struct Lanes512(Vector512<float> value) : ILanes<Lanes512>
{
    private readonly Vector512<float> _v = value;

    /// <summary>.NET leaves 512 bits unaccelerated on processors that slow down for them; so do we.</summary>
    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported;

    public static bool TakesEight
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadHalf(ushort* source)
    {
        // Moved 13 up, a half is a float 2^112 too small with three more copies of its sign; the product also sets denormals right.
        var moved = Vector512.ShiftLeft(Avx512F.ConvertToVector512Int32(Vector256.Load((short*)source)), 13);
        return new((moved & Vector512.Create(LaneConstants.HalfBits)).AsSingle() * Vector512.Create(LaneConstants.HalfFactor));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadBrain(ushort* source) =>
        new(Vector512.ShiftLeft(Avx512F.ConvertToVector512Int32(Vector256.Load(source)), 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadBytes(sbyte* source) =>
        new(Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load(source))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator +(Lanes512 a, Lanes512 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator -(Lanes512 a, Lanes512 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator *(Lanes512 a, Lanes512 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator /(Lanes512 a, Lanes512 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Fma(Lanes512 a, Lanes512 b, Lanes512 c) => new(Avx512F.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 SelectGreater(Lanes512 x, Lanes512 y, Lanes512 a, Lanes512 b) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(x._v, y._v), a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MaxMagnitude(Lanes512 a, Lanes512 b)
    {
        var mask = Vector512.Create(0x7FFF_FFFF);
        return new(Vector512.Max(a._v.AsInt32() & mask, b._v.AsInt32() & mask).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 PowerOfTwo(Lanes512 x) =>
        new((Vector512.ShiftLeft(x._v.AsInt32(), 23) + Vector512.Create(0x3F80_0000)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _v.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreShifted(short* target) =>
        Avx512F.ConvertToVector256Int16(_v.AsInt32() - Vector512.Create(LaneConstants.ShiftBits)).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => LaneTree.Sum(_v.GetLower() + _v.GetUpper());

    public float Max() => LaneTree.Max(this);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float MaxOfMagnitudes() =>
        LaneTree.MaxOfMagnitudes(Vector256.Max(_v.GetLower().AsInt32(), _v.GetUpper().AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 BlockDot(sbyte* weights, short* input, int columns)
    {
        var (even, odd) = (Vector512<int>.Zero, Vector512<int>.Zero);
        for (var end = weights + (columns * LaneConstants.Count); weights < end; weights += LaneConstants.UnrolledBytes)
        {
            even += Avx512BW.MultiplyAddAdjacent(Widen(weights, 0), Pair(input, 0));
            odd += Avx512BW.MultiplyAddAdjacent(Widen(weights, 1), Pair(input, 1));
            even += Avx512BW.MultiplyAddAdjacent(Widen(weights, 2), Pair(input, 2));
            odd += Avx512BW.MultiplyAddAdjacent(Widen(weights, 3), Pair(input, 3));
            input += LaneConstants.UnrolledColumns;
        }

        return Single(even + odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BlockDot4(
        sbyte* weights, short* input, nint stride, int columns, out Lanes512 d0, out Lanes512 d1, out Lanes512 d2, out Lanes512 d3)
    {
        var (s0, s1, s2, s3) = (Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero);
        var i1 = input + stride;
        var i2 = input + (2 * stride);
        var i3 = input + (3 * stride);
        for (var end = weights + (columns * LaneConstants.Count); weights < end; weights += 2 * LaneConstants.PairBytes)
        {
            var wide = Widen(weights, 0);
            s0 += Avx512BW.MultiplyAddAdjacent(wide, Pair(input, 0));
            s1 += Avx512BW.MultiplyAddAdjacent(wide, Pair(i1, 0));
            s2 += Avx512BW.MultiplyAddAdjacent(wide, Pair(i2, 0));
            s3 += Avx512BW.MultiplyAddAdjacent(wide, Pair(i3, 0));
            wide = Widen(weights, 1);
            s0 += Avx512BW.MultiplyAddAdjacent(wide, Pair(input, 1));
            s1 += Avx512BW.MultiplyAddAdjacent(wide, Pair(i1, 1));
            s2 += Avx512BW.MultiplyAddAdjacent(wide, Pair(i2, 1));
            s3 += Avx512BW.MultiplyAddAdjacent(wide, Pair(i3, 1));
            input += 4;
            i1 += 4;
            i2 += 4;
            i3 += 4;
        }

        (d0, d1, d2, d3) = (Single(s0), Single(s1), Single(s2), Single(s3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BlockDot8(
        sbyte* weights, short* input, nint stride, int columns, out Lanes512 d0, out Lanes512 d1, out Lanes512 d2, out Lanes512 d3,
        out Lanes512 d4, out Lanes512 d5, out Lanes512 d6, out Lanes512 d7)
    {
        var (s0, s1, s2, s3) = (Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero);
        var (s4, s5, s6, s7) = (Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero);
        var i1 = input + stride;
        var i2 = input + (2 * stride);
        var i3 = input + (3 * stride);
        var four = 4 * stride;
        for (var end = weights + (columns * LaneConstants.Count); weights < end; weights += LaneConstants.PairBytes)
        {
            var wide = Widen(weights, 0);
            s0 += Avx512BW.MultiplyAddAdjacent(wide, Pair(input, 0));
            s1 += Avx512BW.MultiplyAddAdjacent(wide, Pair(i1, 0));
            s2 += Avx512BW.MultiplyAddAdjacent(wide, Pair(i2, 0));
            s3 += Avx512BW.MultiplyAddAdjacent(wide, Pair(i3, 0));
            s4 += Avx512BW.MultiplyAddAdjacent(wide, Pair(input + four, 0));
            s5 += Avx512BW.MultiplyAddAdjacent(wide, Pair(i1 + four, 0));
            s6 += Avx512BW.MultiplyAddAdjacent(wide, Pair(i2 + four, 0));
            s7 += Avx512BW.MultiplyAddAdjacent(wide, Pair(i3 + four, 0));
            input += 2;
            i1 += 2;
            i2 += 2;
            i3 += 2;
        }

        (d0, d1, d2, d3) = (Single(s0), Single(s1), Single(s2), Single(s3));
        (d4, d5, d6, d7) = (Single(s4), Single(s5), Single(s6), Single(s7));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void CodeDot<TFormat>(byte* codes, sbyte* input, float* dots)
        where TFormat : struct, IBlockFormat =>
        Dots<TFormat>(
            Codes<TFormat>(codes, 0), Codes<TFormat>(codes, 1), Codes<TFormat>(codes, 2), Codes<TFormat>(codes, 3),
            Codes<TFormat>(codes, 4), Codes<TFormat>(codes, 5), Codes<TFormat>(codes, 6), Codes<TFormat>(codes, 7),
            input, dots);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void CodeDot4<TFormat>(byte* codes, sbyte* input, nint stride, float* dots)
        where TFormat : struct, IBlockFormat
    {
        var (c0, c1, c2, c3) = (Codes<TFormat>(codes, 0), Codes<TFormat>(codes, 1), Codes<TFormat>(codes, 2), Codes<TFormat>(codes, 3));
        var (c4, c5, c6, c7) = (Codes<TFormat>(codes, 4), Codes<TFormat>(codes, 5), Codes<TFormat>(codes, 6), Codes<TFormat>(codes, 7));
        for (var end = input + (4 * stride); input < end; input += stride)
        {
            Dots<TFormat>(c0, c1, c2, c3, c4, c5, c6, c7, input, dots);
            dots += PackedBlock<TFormat>.PartGroups * LaneConstants.Count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Unpack<TFormat>(byte* codes, sbyte* weights)
        where TFormat : struct, IBlockFormat => Unpacking.Unpack<TFormat>(codes, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes512 Single(Vector512<int> value) => new(Avx512F.ConvertToVector512Single(value));

    /// <summary>Element 2r and 2r+1: the pair of row r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Widen(sbyte* weights, int pair) =>
        Avx512BW.ConvertToVector512Int16(Vector256.Load(weights + (pair * LaneConstants.PairBytes)));

    /// <summary>One pair of activations in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Pair(short* input, int pair) => Vector512.Create(((int*)input)[pair]).AsInt16();

    /// <summary>
    /// The dot products of four columns of each register of codes. Sums of two products fit 16 bits, and so do those of two,
    /// four or eight registers, as the bits of a code allow.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dots<TFormat>(
        Vector512<byte> c0, Vector512<byte> c1, Vector512<byte> c2, Vector512<byte> c3, Vector512<byte> c4, Vector512<byte> c5,
        Vector512<byte> c6, Vector512<byte> c7, sbyte* input, float* dots)
        where TFormat : struct, IBlockFormat
    {
        var (a, b) = (Products(c0, input, 0) + Products(c1, input, 1), Products(c2, input, 2) + Products(c3, input, 3));
        var (c, d) = (Products(c4, input, 4) + Products(c5, input, 5), Products(c6, input, 6) + Products(c7, input, 7));
        if (PackedBlock<TFormat>.PairsSummed == 8 && TFormat.GroupLength == Activations.BlockLength)
        {
            Avx512F.ConvertToVector512Single(Widen((a + b) + (c + d))).Store(dots);
            return;
        }

        var first = PackedBlock<TFormat>.PairsSummed >= 4 ? Widen(a + b) : Widen(a) + Widen(b);
        var last = PackedBlock<TFormat>.PairsSummed >= 4 ? Widen(c + d) : Widen(c) + Widen(d);
        if (TFormat.GroupLength == Activations.BlockLength)
        {
            Avx512F.ConvertToVector512Single(first + last).Store(dots);
            return;
        }

        Avx512F.ConvertToVector512Single(first).Store(dots);
        Avx512F.ConvertToVector512Single(last).Store(dots + LaneConstants.Count);
    }

    /// <summary>Of each row two sums of two products of codes and activations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Products(Vector512<byte> codes, sbyte* input, int quad) =>
        Avx512BW.MultiplyAddAdjacent(codes, Vector512.Create(((int*)input)[quad]).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(Vector512<short> sums) => Avx512BW.MultiplyAddAdjacent(sums, Vector512<short>.One);

    /// <summary>The index-th 64 codes: four columns of 16 rows. See <see cref="Unpacking.Codes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Codes<TFormat>(byte* codes, int index)
        where TFormat : struct, IBlockFormat
    {
        var code = Plane(codes, TFormat.LowBits, index);
        if (TFormat.HighBits == 0)
            return code;
        var high = Plane(codes + (LaneConstants.PlaneBytes * TFormat.LowBits), TFormat.HighBits, index);
        return code | Vector512.ShiftLeft(high.AsUInt16(), TFormat.LowBits).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Plane(byte* plane, int bits, int index)
    {
        var bytes = Vector512.Load(plane + (LaneConstants.PlaneBytes * (index % bits)));
        return Vector512.ShiftRightLogical(bytes.AsUInt16(), bits * (index / bits)).AsByte() & Vector512.Create((byte)((1 << bits) - 1));
    }
}
