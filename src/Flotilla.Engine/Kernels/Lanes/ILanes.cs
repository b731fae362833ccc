namespace Flotilla.Engine.Kernels.Lanes;

/// <summary>
/// Sixteen floats, the unit of the numerics contract, held in one to four vector registers. Kernels are written once
/// against this; an implementation differs in speed and in nothing else. The comparisons say what happens to a NaN,
/// because the processors' own minimum and maximum do not agree about it.
/// </summary>
internal unsafe interface ILanes<T>
    where T : struct, ILanes<T>
{
    /// <summary>16 floats from any address.</summary>
    static abstract T Load(float* source);

    /// <summary>16 finite half-precision floats, widened exactly.</summary>
    static abstract T LoadHalf(ushort* source);

    static abstract T Broadcast(float value);

    static abstract T operator +(T a, T b);

    static abstract T operator -(T a, T b);

    static abstract T operator *(T a, T b);

    static abstract T operator /(T a, T b);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract T Fma(T a, T b, T c);

    /// <summary>Per lane: x &gt; y ? a : b, so b where either is NaN.</summary>
    static abstract T SelectGreater(T x, T y, T a, T b);

    /// <summary>Per lane the greater magnitude, compared as integers of the bits without the sign: NaN beats infinity.</summary>
    static abstract T MaxMagnitude(T a, T b);

    /// <summary>2^n, where x = n + 1.5·2^23 and −126 ≤ n ≤ 127: the low bits of x moved to the exponent.</summary>
    static abstract T PowerOfTwo(T x);

    void Store(float* target);

    /// <summary>Stores n as 16-bit integers, where the lanes are n + 1.5·2^23.</summary>
    void StoreShifted(short* target);

    /// <summary>The sum as ((0+8)+(4+12))+((2+10)+(6+14)) … : lanes j and j+8, then j and j+4, j+2, j+1.</summary>
    float Sum();

    /// <summary>The greatest lane where none is NaN.</summary>
    float Max();

    /// <summary>The greatest lane of non-negative ones, compared as integers of their bits: NaN if any is NaN.</summary>
    float MaxOfMagnitudes();

    /// <summary>
    /// For each of 16 rows the exact integer dot product of 32 weights and 32 activations, as a float (below 2^24, so exact).
    /// </summary>
    /// <param name="weights">For each of 16 column pairs, the pairs of 16 rows: 512 bytes.</param>
    /// <param name="input">32 activations, each −127 to 127.</param>
    static abstract T BlockDot(sbyte* weights, short* input);

    /// <summary>The same for four tokens at once, whose activations lie <paramref name="stride"/> apart: weights are widened once.</summary>
    static abstract void BlockDot4(sbyte* weights, short* input, nint stride, out T d0, out T d1, out T d2, out T d3);
}
