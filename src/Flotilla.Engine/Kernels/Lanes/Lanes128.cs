using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Flotilla.Engine.Tensors;
using Flotilla.Engine.Tensors.Formats;

namespace Flotilla.Engine.Kernels.Lanes;

/// <summary>Four registers of 128 bits: lanes 0 to 3, 4 to 7, 8 to 11, 12 to 15. NEON, or SSSE3 where nothing wider exists.</summary>
internal readonly unsafe struct Lanes128(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) : ILanes<Lanes128>
{
    private readonly Vector128<float> _a = a;
    private readonly Vector128<float> _b = b;
    private readonly Vector128<float> _c = c;
    private readonly Vector128<float> _d = d;

    public static bool IsSupported => AdvSimd.Arm64.IsSupported || Ssse3.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* source) =>
        new(Vector128.Load(source), Vector128.Load(source + 4), Vector128.Load(source + 8), Vector128.Load(source + 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadHalf(ushort* source)
    {
        var (low, high) = (Vector128.Load((short*)source), Vector128.Load((short*)source + 8));
        return new(
            FromHalf(Vector128.WidenLower(low)), FromHalf(Vector128.WidenUpper(low)),
            FromHalf(Vector128.WidenLower(high)), FromHalf(Vector128.WidenUpper(high)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadBrain(ushort* source)
    {
        var (low, high) = (Vector128.Load(source), Vector128.Load(source + 8));
        return new(
            Vector128.ShiftLeft(Vector128.WidenLower(low), 16).AsSingle(), Vector128.ShiftLeft(Vector128.WidenUpper(low), 16).AsSingle(),
            Vector128.ShiftLeft(Vector128.WidenLower(high), 16).AsSingle(), Vector128.ShiftLeft(Vector128.WidenUpper(high), 16).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadBytes(sbyte* source)
    {
        var bytes = Vector128.Load(source);
        var (low, high) = (Vector128.WidenLower(bytes), Vector128.WidenUpper(bytes));
        return new(
            Vector128.ConvertToSingle(Vector128.WidenLower(low)), Vector128.ConvertToSingle(Vector128.WidenUpper(low)),
            Vector128.ConvertToSingle(Vector128.WidenLower(high)), Vector128.ConvertToSingle(Vector128.WidenUpper(high)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Broadcast(float value)
    {
        var v = Vector128.Create(value);
        return new(v, v, v, v);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator +(Lanes128 x, Lanes128 y) => new(x._a + y._a, x._b + y._b, x._c + y._c, x._d + y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator -(Lanes128 x, Lanes128 y) => new(x._a - y._a, x._b - y._b, x._c - y._c, x._d - y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator *(Lanes128 x, Lanes128 y) => new(x._a * y._a, x._b * y._b, x._c * y._c, x._d * y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator /(Lanes128 x, Lanes128 y) => new(x._a / y._a, x._b / y._b, x._c / y._c, x._d / y._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Fma(Lanes128 x, Lanes128 y, Lanes128 z) => new(
        Vector128.FusedMultiplyAdd(x._a, y._a, z._a), Vector128.FusedMultiplyAdd(x._b, y._b, z._b),
        Vector128.FusedMultiplyAdd(x._c, y._c, z._c), Vector128.FusedMultiplyAdd(x._d, y._d, z._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 SelectGreater(Lanes128 x, Lanes128 y, Lanes128 p, Lanes128 q) => new(
        Vector128.ConditionalSelect(Vector128.GreaterThan(x._a, y._a), p._a, q._a),
        Vector128.ConditionalSelect(Vector128.GreaterThan(x._b, y._b), p._b, q._b),
        Vector128.ConditionalSelect(Vector128.GreaterThan(x._c, y._c), p._c, q._c),
        Vector128.ConditionalSelect(Vector128.GreaterThan(x._d, y._d), p._d, q._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MaxMagnitude(Lanes128 x, Lanes128 y) =>
        new(MaxMagnitude(x._a, y._a), MaxMagnitude(x._b, y._b), MaxMagnitude(x._c, y._c), MaxMagnitude(x._d, y._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 PowerOfTwo(Lanes128 x) => new(PowerOfTwo(x._a), PowerOfTwo(x._b), PowerOfTwo(x._c), PowerOfTwo(x._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target)
    {
        _a.Store(target);
        _b.Store(target + 4);
        _c.Store(target + 8);
        _d.Store(target + 12);
    }

    public void StoreShifted(short* target)
    {
        var shift = Vector128.Create(LaneConstants.ShiftBits);
        Vector128.Narrow(_a.AsInt32() - shift, _b.AsInt32() - shift).Store(target);
        Vector128.Narrow(_c.AsInt32() - shift, _d.AsInt32() - shift).Store(target + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => LaneTree.Sum((_a + _c) + (_b + _d));

    public float Max() => LaneTree.Max(this);

    public float MaxOfMagnitudes() => LaneTree.MaxOfMagnitudes(
        Vector128.Max(Vector128.Max(_a.AsInt32(), _b.AsInt32()), Vector128.Max(_c.AsInt32(), _d.AsInt32())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 BlockDot(sbyte* weights, short* input, int columns)
    {
        var (a, b, c, d) = (Vector128<int>.Zero, Vector128<int>.Zero, Vector128<int>.Zero, Vector128<int>.Zero);
        for (var pair = 0; pair < columns / 2; pair++)
        {
            var activations = Vector128.Create(((int*)input)[pair]).AsInt16();
            var low = Vector128.Load(weights + (pair * LaneConstants.PairBytes));
            var high = Vector128.Load(weights + (pair * LaneConstants.PairBytes) + 16);
            a = AddPairs(a, Vector128.WidenLower(low), activations);
            b = AddPairs(b, Vector128.WidenUpper(low), activations);
            c = AddPairs(c, Vector128.WidenLower(high), activations);
            d = AddPairs(d, Vector128.WidenUpper(high), activations);
        }

        return new(
            Vector128.ConvertToSingle(a), Vector128.ConvertToSingle(b), Vector128.ConvertToSingle(c), Vector128.ConvertToSingle(d));
    }

    public static void BlockDot4(
        sbyte* weights, short* input, nint stride, int columns, out Lanes128 d0, out Lanes128 d1, out Lanes128 d2, out Lanes128 d3)
    {
        d0 = BlockDot(weights, input, columns);
        d1 = BlockDot(weights, input + stride, columns);
        d2 = BlockDot(weights, input + (2 * stride), columns);
        d3 = BlockDot(weights, input + (3 * stride), columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void CodeDot<TFormat>(byte* codes, sbyte* input, float* dots)
        where TFormat : struct, IBlockFormat
    {
        for (var quad = 0; quad < Activations.BlockLength / 4; dots += LaneConstants.Count)
        {
            var (a, b, c, d) = (Vector128<int>.Zero, Vector128<int>.Zero, Vector128<int>.Zero, Vector128<int>.Zero);
            for (var end = quad + (TFormat.GroupLength / 4); quad < end; quad++)
            {
                var activations = Vector128.Create(((int*)input)[quad]).AsSByte();
                var (low, high) = (Unpacking.Codes<TFormat>(codes, 0, quad), Unpacking.Codes<TFormat>(codes, Vector256<byte>.Count, quad));
                a = AddQuads(a, low.GetLower(), activations);
                b = AddQuads(b, low.GetUpper(), activations);
                c = AddQuads(c, high.GetLower(), activations);
                d = AddQuads(d, high.GetUpper(), activations);
            }

            new Lanes128(
                Vector128.ConvertToSingle(a), Vector128.ConvertToSingle(b), Vector128.ConvertToSingle(c), Vector128.ConvertToSingle(d)).Store(dots);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Unpack<TFormat>(byte* codes, sbyte* weights)
        where TFormat : struct, IBlockFormat
    {
        // In halves of 128 bits, all steps in a row are more than the compiler takes into one method.
        for (var index = 0; index < LaneConstants.BlockBytes / LaneConstants.QuadBytes; index++)
        {
            Unpacking.Store<TFormat>(codes, weights, 0, index);
            Unpacking.Store<TFormat>(codes, weights, Vector256<byte>.Count, index);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> FromHalf(Vector128<int> wide) =>
        // See Lanes512.LoadHalf.
        (Vector128.ShiftLeft(wide, 13) & Vector128.Create(LaneConstants.HalfBits)).AsSingle() * Vector128.Create(LaneConstants.HalfFactor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> MaxMagnitude(Vector128<float> x, Vector128<float> y)
    {
        var mask = Vector128.Create(0x7FFF_FFFF);
        return Vector128.Max(x.AsInt32() & mask, y.AsInt32() & mask).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> PowerOfTwo(Vector128<float> x) =>
        (Vector128.ShiftLeft(x.AsInt32(), 23) + Vector128.Create(0x3F80_0000)).AsSingle();

    /// <summary>
    /// sum + x0·y0 + x1·y1 of each pair of elements. A product of a weight and an activation fits 16 bits (128 · 127), so NEON's
    /// low half of a 16-bit product is the whole.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> AddPairs(Vector128<int> sum, Vector128<short> x, Vector128<short> y) =>
        Ssse3.IsSupported ? sum + Sse2.MultiplyAddAdjacent(x, y) : AdvSimd.AddPairwiseWideningAndAdd(sum, x * y);

    /// <summary>sum + four products of codes, of at most six bits, and activations, in each of four lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> AddQuads(Vector128<int> sum, Vector128<byte> codes, Vector128<sbyte> activations)
    {
        if (Ssse3.IsSupported)
            return sum + Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(codes, activations), Vector128<short>.One);
        if (Dp.IsSupported)
            return Dp.DotProduct(sum, codes.AsSByte(), activations);
        var code = codes.AsSByte();
        var (low, high) = (AdvSimd.MultiplyWideningLower(code.GetLower(), activations.GetLower()), AdvSimd.MultiplyWideningUpper(code, activations));

        // Two products of six bits and seven fit 16 bits as well.
        return AdvSimd.AddPairwiseWideningAndAdd(sum, AdvSimd.Arm64.AddPairwise(low, high));
    }
}
