using System.Runtime.CompilerServices;
using Flotilla.Engine.Kernels.Lanes;

namespace Flotilla.Engine.Kernels;

/// <summary>Whether a model's weights have driven a value out of bounds.</summary>
internal static unsafe class Finiteness
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool IsFinite<T>(ReadOnlySpan<float> values)
        where T : struct, ILanes<T>
    {
        var whole = values.Length / LaneConstants.Count * LaneConstants.Count;
        var max = T.Broadcast(0f);
        fixed (float* v = values)
        {
            for (var i = 0; i < whole; i += LaneConstants.Count)
                max = T.MaxMagnitude(max, T.Load(v + i));
        }

        foreach (var value in values[whole..])
        {
            if (!float.IsFinite(value))
                return false;
        }

        return float.IsFinite(max.MaxOfMagnitudes());
    }
}
