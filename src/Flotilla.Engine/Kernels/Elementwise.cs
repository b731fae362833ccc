using System.Runtime.CompilerServices;
using Flotilla.Engine.Kernels.Lanes;

namespace Flotilla.Engine.Kernels;

/// <summary>What is done to every element by itself.</summary>
internal static unsafe class Elementwise
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SwiGlu<T>(Span<float> gate, ReadOnlySpan<float> up)
        where T : struct, ILanes<T>
    {
        CheckLengths(gate.Length, up.Length);
        fixed (float* g = gate, u = up)
        {
            var (zero, one) = (T.Broadcast(0f), T.Broadcast(1f));
            for (var i = 0; i < gate.Length; i += LaneConstants.Count)
            {
                var x = T.Load(g + i);
                (x / (one + Exponential.Exp(zero - x)) * T.Load(u + i)).Store(g + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(Span<float> target, ReadOnlySpan<float> addend)
        where T : struct, ILanes<T>
    {
        CheckLengths(target.Length, addend.Length);
        fixed (float* t = target, a = addend)
        {
            for (var i = 0; i < target.Length; i += LaneConstants.Count)
                (T.Load(t + i) + T.Load(a + i)).Store(t + i);
        }
    }

    private static void CheckLengths(int length, int other)
    {
        if (length != other || length % LaneConstants.Count != 0)
            throw new ArgumentException($"Lengths must be equal and a multiple of {LaneConstants.Count}, not {length} and {other}.", nameof(other));
    }
}
