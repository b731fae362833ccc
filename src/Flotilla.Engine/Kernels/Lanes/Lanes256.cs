using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Flotilla.Engine.Tensors;
using Flotilla.Engine.Tensors.Formats;

namespace Flotilla.Engine.Kernels.Lanes;

/// <summary>Two registers of 256 bits: lanes 0 to 7 and 8 to 15. Needs AVX2 and FMA.</summary>
internal readonly unsafe struct Lanes256(Vector256<float> low, Vector256<float> high) : ILanes<Lanes256>
{
    private readonly Vector256<float> _low = low;
    private readonly Vector256<float> _high = high;

    public static bool IsSupported => Avx2.IsSupported && System.Runtime.Intrinsics.X86.Fma.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* source) => new(Vector256.Load(source), Vector256.Load(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadHalf(ushort* source) => new(Widen(source), Widen(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadBrain(ushort* source) => new(
        Vector256.ShiftLeft(Avx2.ConvertToVector256Int32(source), 16).AsSingle(),
        Vector256.ShiftLeft(Avx2.ConvertToVector256Int32(source + 8), 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadBytes(sbyte* source) => new(
        Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(source)),
        Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(source + 8)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Broadcast(float value) => new(Vector256.Create(value), Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator +(Lanes256 a, Lanes256 b) => new(a._low + b._low, a._high + b._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator -(Lanes256 a, Lanes256 b) => new(a._low - b._low, a._high - b._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator *(Lanes256 a, Lanes256 b) => new(a._low * b._low, a._high * b._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator /(Lanes256 a, Lanes256 b) => new(a._low / b._low, a._high / b._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Fma(Lanes256 a, Lanes256 b, Lanes256 c) => new(
        System.Runtime.Intrinsics.X86.Fma.MultiplyAdd(a._low, b._low, c._low),
        System.Runtime.Intrinsics.X86.Fma.MultiplyAdd(a._high, b._high, c._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 SelectGreater(Lanes256 x, Lanes256 y, Lanes256 a, Lanes256 b) => new(
        Vector256.ConditionalSelect(Vector256.GreaterThan(x._low, y._low), a._low, b._low),
        Vector256.ConditionalSelect(Vector256.GreaterThan(x._high, y._high), a._high, b._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MaxMagnitude(Lanes256 a, Lanes256 b) => new(MaxMagnitude(a._low, b._low), MaxMagnitude(a._high, b._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 PowerOfTwo(Lanes256 x) => new(PowerOfTwo(x._low), PowerOfTwo(x._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target)
    {
        _low.Store(target);
        _high.Store(target + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreShifted(short* target)
    {
        var shift = Vector256.Create(LaneConstants.ShiftBits);
        Vector256.Narrow(_low.AsInt32() - shift, _high.AsInt32() - shift).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => LaneTree.Sum(_low + _high);

    public float Max() => LaneTree.Max(this);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float MaxOfMagnitudes() => LaneTree.MaxOfMagnitudes(Vector256.Max(_low.AsInt32(), _high.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 BlockDot(sbyte* weights, short* input, int columns)
    {
        var (low, high) = (Vector256<int>.Zero, Vector256<int>.Zero);
        for (var end = weights + (columns * LaneConstants.Count); weights < end; weights += LaneConstants.UnrolledBytes)
        {
            var activations = Pair(input, 0);
            low = Accumulate(low, WidenLow(weights, 0), activations);
            high = Accumulate(high, WidenHigh(weights, 0), activations);
            activations = Pair(input, 1);
            low = Accumulate(low, WidenLow(weights, 1), activations);
            high = Accumulate(high, WidenHigh(weights, 1), activations);
            activations = Pair(input, 2);
            low = Accumulate(low, WidenLow(weights, 2), activations);
            high = Accumulate(high, WidenHigh(weights, 2), activations);
            activations = Pair(input, 3);
            low = Accumulate(low, WidenLow(weights, 3), activations);
            high = Accumulate(high, WidenHigh(weights, 3), activations);
            input += LaneConstants.UnrolledColumns;
        }

        return new(Avx.ConvertToVector256Single(low), Avx.ConvertToVector256Single(high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BlockDot4(
        sbyte* weights, short* input, nint stride, int columns, out Lanes256 d0, out Lanes256 d1, out Lanes256 d2, out Lanes256 d3)
    {
        var i1 = input + stride;
        var i2 = input + (2 * stride);
        var i3 = input + (3 * stride);
        var (l0, l1, l2, l3) = (Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero);
        var (h0, h1, h2, h3) = (Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero);
        for (var pair = 0; pair < columns / 2; pair++)
        {
            var (low, high) = (WidenLow(weights, pair), WidenHigh(weights, pair));
            var activations = Pair(input, pair);
            l0 = Accumulate(l0, low, activations);
            h0 = Accumulate(h0, high, activations);
            activations = Pair(i1, pair);
            l1 = Accumulate(l1, low, activations);
            h1 = Accumulate(h1, high, activations);
            activations = Pair(i2, pair);
            l2 = Accumulate(l2, low, activations);
            h2 = Accumulate(h2, high, activations);
            activations = Pair(i3, pair);
            l3 = Accumulate(l3, low, activations);
            h3 = Accumulate(h3, high, activations);
        }

        d0 = new(Avx.ConvertToVector256Single(l0), Avx.ConvertToVector256Single(h0));
        d1 = new(Avx.ConvertToVector256Single(l1), Avx.ConvertToVector256Single(h1));
        d2 = new(Avx.ConvertToVector256Single(l2), Avx.ConvertToVector256Single(h2));
        d3 = new(Avx.ConvertToVector256Single(l3), Avx.ConvertToVector256Single(h3));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void CodeDot<TFormat>(byte* codes, sbyte* input, float* dots)
        where TFormat : struct, IBlockFormat
    {
        for (var half = 0; half < LaneConstants.QuadBytes; half += Vector256<byte>.Count)
        {
            Dots<TFormat>(
                Unpacking.Codes<TFormat>(codes, half, 0), Unpacking.Codes<TFormat>(codes, half, 1),
                Unpacking.Codes<TFormat>(codes, half, 2), Unpacking.Codes<TFormat>(codes, half, 3),
                Unpacking.Codes<TFormat>(codes, half, 4), Unpacking.Codes<TFormat>(codes, half, 5),
                Unpacking.Codes<TFormat>(codes, half, 6), Unpacking.Codes<TFormat>(codes, half, 7),
                input, dots);
            dots += Vector256<float>.Count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void CodeDot4<TFormat>(byte* codes, sbyte* input, nint stride, float* dots)
        where TFormat : struct, IBlockFormat
    {
        for (var half = 0; half < LaneConstants.QuadBytes; half += Vector256<byte>.Count)
        {
            var (c0, c1) = (Unpacking.Codes<TFormat>(codes, half, 0), Unpacking.Codes<TFormat>(codes, half, 1));
            var (c2, c3) = (Unpacking.Codes<TFormat>(codes, half, 2), Unpacking.Codes<TFormat>(codes, half, 3));
            var (c4, c5) = (Unpacking.Codes<TFormat>(codes, half, 4), Unpacking.Codes<TFormat>(codes, half, 5));
            var (c6, c7) = (Unpacking.Codes<TFormat>(codes, half, 6), Unpacking.Codes<TFormat>(codes, half, 7));
            for (var token = 0; token < 4; token++)
            {
                Dots<TFormat>(
                    c0, c1, c2, c3, c4, c5, c6, c7, input + (token * stride), dots + (token * PackedBlock<TFormat>.PartGroups * LaneConstants.Count));
            }

            dots += Vector256<float>.Count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Unpack<TFormat>(byte* codes, sbyte* weights)
        where TFormat : struct, IBlockFormat => Unpacking.Unpack<TFormat>(codes, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen(ushort* source)
    {
        // See Lanes512.LoadHalf.
        var moved = Vector256.ShiftLeft(Avx2.ConvertToVector256Int32((short*)source), 13);
        return (moved & Vector256.Create(LaneConstants.HalfBits)).AsSingle() * Vector256.Create(LaneConstants.HalfFactor);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> MaxMagnitude(Vector256<float> a, Vector256<float> b)
    {
        var mask = Vector256.Create(0x7FFF_FFFF);
        return Vector256.Max(a.AsInt32() & mask, b.AsInt32() & mask).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> PowerOfTwo(Vector256<float> x) =>
        (Vector256.ShiftLeft(x.AsInt32(), 23) + Vector256.Create(0x3F80_0000)).AsSingle();

    /// <summary>Adds the sums of two products. No sum leaves 32 bits, so one instruction does exactly what two do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Accumulate(Vector256<int> sum, Vector256<short> weights, Vector256<short> activations) =>
        AvxVnni.IsSupported ? AvxVnni.MultiplyWideningAndAdd(sum, weights, activations) : sum + Avx2.MultiplyAddAdjacent(weights, activations);

    /// <summary>Element 2r and 2r+1: the pair of row r, for rows 0 to 7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> WidenLow(sbyte* weights, int pair) =>
        Avx2.ConvertToVector256Int16(weights + (pair * LaneConstants.PairBytes));

    /// <summary>The same for rows 8 to 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> WidenHigh(sbyte* weights, int pair) =>
        Avx2.ConvertToVector256Int16(weights + (pair * LaneConstants.PairBytes) + 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Pair(short* input, int pair) => Vector256.Create(((int*)input)[pair]).AsInt16();

    /// <summary>
    /// The dot products of four columns of each register of codes. Sums of two products fit 16 bits, and so do those of two,
    /// four or eight registers, as the bits of a code allow.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dots<TFormat>(
        Vector256<byte> c0, Vector256<byte> c1, Vector256<byte> c2, Vector256<byte> c3, Vector256<byte> c4, Vector256<byte> c5,
        Vector256<byte> c6, Vector256<byte> c7, sbyte* input, float* dots)
        where TFormat : struct, IBlockFormat
    {
        var (a, b) = (Products(c0, input, 0) + Products(c1, input, 1), Products(c2, input, 2) + Products(c3, input, 3));
        var (c, d) = (Products(c4, input, 4) + Products(c5, input, 5), Products(c6, input, 6) + Products(c7, input, 7));
        if (PackedBlock<TFormat>.PairsSummed == 8 && TFormat.GroupLength == Activations.BlockLength)
        {
            Avx.ConvertToVector256Single(Widen((a + b) + (c + d))).Store(dots);
            return;
        }

        var first = PackedBlock<TFormat>.PairsSummed >= 4 ? Widen(a + b) : Widen(a) + Widen(b);
        var last = PackedBlock<TFormat>.PairsSummed >= 4 ? Widen(c + d) : Widen(c) + Widen(d);
        if (TFormat.GroupLength == Activations.BlockLength)
        {
            Avx.ConvertToVector256Single(first + last).Store(dots);
            return;
        }

        Avx.ConvertToVector256Single(first).Store(dots);
        Avx.ConvertToVector256Single(last).Store(dots + LaneConstants.Count);
    }

    /// <summary>Of each row two sums of two products of codes and activations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Products(Vector256<byte> codes, sbyte* input, int quad) =>
        Avx2.MultiplyAddAdjacent(codes, Vector256.Create(((int*)input)[quad]).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Widen(Vector256<short> sums) => Avx2.MultiplyAddAdjacent(sums, Vector256<short>.One);
}
