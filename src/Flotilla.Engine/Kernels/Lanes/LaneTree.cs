using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Flotilla.Engine.Kernels.Lanes;

/// <summary>The last steps of the reduction tree, from 8 lanes (j and j+8 are already joined) down to one.</summary>
internal static unsafe class LaneTree
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> eight) => Sum(eight.GetLower() + eight.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector128<float> four)
    {
        var (a, b) = (four.GetElement(0) + four.GetElement(2), four.GetElement(1) + four.GetElement(3));
        return a + b;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxOfMagnitudes(Vector256<int> eight) => MaxOfMagnitudes(Vector128.Max(eight.GetLower(), eight.GetUpper()));

    public static float MaxOfMagnitudes(Vector128<int> four)
    {
        var (a, b) = (Math.Max(four.GetElement(0), four.GetElement(2)), Math.Max(four.GetElement(1), four.GetElement(3)));
        return BitConverter.Int32BitsToSingle(Math.Max(a, b));
    }

    public static float Max<T>(T lanes)
        where T : struct, ILanes<T>
    {
        var values = stackalloc float[LaneConstants.Count];
        lanes.Store(values);
        var max = values[0];
        for (var lane = 1; lane < LaneConstants.Count; lane++)
            max = values[lane] > max ? values[lane] : max;
        return max;
    }
}
