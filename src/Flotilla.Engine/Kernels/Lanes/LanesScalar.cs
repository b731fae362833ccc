using System.Runtime.CompilerServices;
using Flotilla.Engine.Tensors;
using Flotilla.Engine.Tensors.Formats;

namespace Flotilla.Engine.Kernels.Lanes;

/// <summary>Sixteen plain floats: what the vector types are checked against, and what runs where there are no vectors.</summary>
[InlineArray(LaneConstants.Count)]
internal unsafe struct LanesScalar : ILanes<LanesScalar>
{
    private float _lane0;

    public static LanesScalar Load(float* source)
    {
        LanesScalar result = default;
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            result[lane] = source[lane];
        return result;
    }

    public static LanesScalar LoadHalf(ushort* source)
    {
        LanesScalar result = default;
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            result[lane] = (float)BitConverter.UInt16BitsToHalf(source[lane]);
        return result;
    }

    public static LanesScalar LoadBrain(ushort* source)
    {
        LanesScalar result = default;
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            result[lane] = BitConverter.UInt32BitsToSingle((uint)source[lane] << 16);
        return result;
    }

    public static LanesScalar LoadBytes(sbyte* source)
    {
        LanesScalar result = default;
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            result[lane] = source[lane];
        return result;
    }

    public static LanesScalar Broadcast(float value)
    {
        LanesScalar result = default;
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            result[lane] = value;
        return result;
    }

    public static LanesScalar operator +(LanesScalar a, LanesScalar b)
    {
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            a[lane] += b[lane];
        return a;
    }

    public static LanesScalar operator -(LanesScalar a, LanesScalar b)
    {
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            a[lane] -= b[lane];
        return a;
    }

    public static LanesScalar operator *(LanesScalar a, LanesScalar b)
    {
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            a[lane] *= b[lane];
        return a;
    }

    public static LanesScalar operator /(LanesScalar a, LanesScalar b)
    {
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            a[lane] /= b[lane];
        return a;
    }

    public static LanesScalar Fma(LanesScalar a, LanesScalar b, LanesScalar c)
    {
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            a[lane] = MathF.FusedMultiplyAdd(a[lane], b[lane], c[lane]);
        return a;
    }

    public static LanesScalar SelectGreater(LanesScalar x, LanesScalar y, LanesScalar a, LanesScalar b)
    {
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            b[lane] = x[lane] > y[lane] ? a[lane] : b[lane];
        return b;
    }

    public static LanesScalar MaxMagnitude(LanesScalar a, LanesScalar b)
    {
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            a[lane] = BitConverter.Int32BitsToSingle(Math.Max(Magnitude(a[lane]), Magnitude(b[lane])));
        return a;
    }

    public static LanesScalar PowerOfTwo(LanesScalar x)
    {
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            x[lane] = BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(x[lane]) << 23) + 0x3F80_0000);
        return x;
    }

    public readonly void Store(float* target)
    {
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            target[lane] = this[lane];
    }

    public readonly void StoreShifted(short* target)
    {
        for (var lane = 0; lane < LaneConstants.Count; lane++)
            target[lane] = (short)(BitConverter.SingleToInt32Bits(this[lane]) - LaneConstants.ShiftBits);
    }

    public readonly float Sum()
    {
        var tree = this;
        for (var half = LaneConstants.Count / 2; half > 0; half /= 2)
        {
            for (var lane = 0; lane < half; lane++)
                tree[lane] += tree[lane + half];
        }

        return tree[0];
    }

    public readonly float Max() => LaneTree.Max(this);

    public readonly float MaxOfMagnitudes()
    {
        var max = Magnitude(this[0]);
        for (var lane = 1; lane < LaneConstants.Count; lane++)
            max = Math.Max(max, Magnitude(this[lane]));
        return BitConverter.Int32BitsToSingle(max);
    }

    public static LanesScalar BlockDot(sbyte* weights, short* input, int columns)
    {
        LanesScalar result = default;
        for (var lane = 0; lane < LaneConstants.Count; lane++)
        {
            var sum = 0;
            for (var pair = 0; pair < columns / 2; pair++)
            {
                var two = weights + (pair * LaneConstants.PairBytes) + (2 * lane);
                sum += (two[0] * input[2 * pair]) + (two[1] * input[(2 * pair) + 1]);
            }

            result[lane] = sum;
        }

        return result;
    }

    public static void BlockDot4(
        sbyte* weights, short* input, nint stride, int columns, out LanesScalar d0, out LanesScalar d1, out LanesScalar d2, out LanesScalar d3)
    {
        d0 = BlockDot(weights, input, columns);
        d1 = BlockDot(weights, input + stride, columns);
        d2 = BlockDot(weights, input + (2 * stride), columns);
        d3 = BlockDot(weights, input + (3 * stride), columns);
    }

    public static void CodeDot<TFormat>(byte* codes, sbyte* input, float* dots)
        where TFormat : struct, IBlockFormat
    {
        new Span<float>(dots, PackedBlock<TFormat>.PartGroups * LaneConstants.Count).Clear();
        for (var column = 0; column < Activations.BlockLength; column++)
        {
            var group = dots + (column / TFormat.GroupLength * LaneConstants.Count);
            for (var lane = 0; lane < LaneConstants.Count; lane++)
                group[lane] += (PackedBlock<TFormat>.Weight(codes, PackedBlock<TFormat>.ByteOf(lane, column)) + TFormat.Offset) * input[column];
        }
    }

    public static void Unpack<TFormat>(byte* codes, sbyte* weights)
        where TFormat : struct, IBlockFormat
    {
        for (var element = 0; element < LaneConstants.BlockBytes; element++)
            weights[element] = PackedBlock<TFormat>.Weight(codes, element);
    }

    private static int Magnitude(float value) => BitConverter.SingleToInt32Bits(value) & 0x7FFF_FFFF;
}
