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
    public static void GeGlu<T>(Span<float> gate, ReadOnlySpan<float> up)
        where T : struct, ILanes<T>
    {
        CheckLengths(gate.Length, up.Length);
        fixed (float* g = gate, u = up)
        {
            for (var i = 0; i < gate.Length; i += LaneConstants.Count)
                (Gelu(T.Load(g + i)) * T.Load(u + i)).Store(g + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu<T>(Span<float> values)
        where T : struct, ILanes<T>
    {
        CheckLengths(values.Length, values.Length);
        fixed (float* v = values)
        {
            for (var i = 0; i < values.Length; i += LaneConstants.Count)
                Gelu(T.Load(v + i)).Store(v + i);
        }
    }

    /// <summary>x / (1 + e^−2u), u = √(2/π) · x · (1 + 0.044715 · x²)</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Gelu<T>(T x)
        where T : struct, ILanes<T>
    {
        var inner = x * T.Fma(T.Broadcast(0.044715f) * x, x, T.Broadcast(1f));
        return x / (T.Broadcast(1f) + Exponential.Exp(T.Broadcast(-1.5957691216f) * inner));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale<T>(Span<float> values, float factor)
        where T : struct, ILanes<T>
    {
        fixed (float* v = values)
        {
            var i = 0;
            for (; i + LaneConstants.Count <= values.Length; i += LaneConstants.Count)
                (T.Load(v + i) * T.Broadcast(factor)).Store(v + i);
            for (; i < values.Length; i++)
                v[i] *= factor;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Cap<T>(Span<float> values, float cap)
        where T : struct, ILanes<T>
    {
        var whole = values.Length / LaneConstants.Count * LaneConstants.Count;
        fixed (float* v = values)
        {
            for (var i = 0; i < whole; i += LaneConstants.Count)
                Capped(T.Load(v + i), T.Broadcast(cap)).Store(v + i);
        }

        if (whole == values.Length)
            return;
        var rest = stackalloc float[LaneConstants.Count];
        new Span<float>(rest, LaneConstants.Count).Clear();
        values[whole..].CopyTo(new Span<float>(rest, LaneConstants.Count));
        Capped(T.Load(rest), T.Broadcast(cap)).Store(rest);
        new Span<float>(rest, values.Length - whole).CopyTo(values[whole..]);
    }

    /// <summary>cap · (1 − 2 / (e^(2x/cap) + 1))</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Capped<T>(T x, T cap)
        where T : struct, ILanes<T>
    {
        var (one, two) = (T.Broadcast(1f), T.Broadcast(2f));
        return cap * (one - (two / (Exponential.Exp(two * (x / cap)) + one)));
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
