using Flotilla.Engine.Tensors;
using Flotilla.Engine.Tensors.Formats;

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

    /// <summary>16 upper halves of floats.</summary>
    static abstract T LoadBrain(ushort* source);

    /// <summary>16 signed bytes.</summary>
    static abstract T LoadBytes(sbyte* source);

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
    /// For each of 16 rows the exact integer dot product of a group's weights and activations, as a float (below 2^24, so exact).
    /// </summary>
    /// <param name="weights">For each pair of columns, the pairs of 16 rows.</param>
    /// <param name="input">Activations, each −127 to 127.</param>
    /// <param name="columns">16 or 32; a constant where this is inlined.</param>
    static abstract T BlockDot(sbyte* weights, short* input, int columns);

    /// <summary>The same for four tokens at once, whose activations lie <paramref name="stride"/> apart: weights are widened once.</summary>
    static abstract void BlockDot4(sbyte* weights, short* input, nint stride, int columns, out T d0, out T d1, out T d2, out T d3);

    /// <summary>The same for eight tokens at once.</summary>
    static virtual void BlockDot8(
        sbyte* weights, short* input, nint stride, int columns, out T d0, out T d1, out T d2, out T d3, out T d4, out T d5, out T d6, out T d7)
    {
        T.BlockDot4(weights, input, stride, columns, out d0, out d1, out d2, out d3);
        T.BlockDot4(weights, input + (4 * stride), stride, columns, out d4, out d5, out d6, out d7);
    }

    /// <summary>Whether there are registers for the sums of eight tokens, so that <see cref="BlockDot8"/> is faster than four tokens twice.</summary>
    static virtual bool TakesEight => false;

    /// <summary>
    /// For each group of a part and each of 16 rows the exact integer dot product of codes, whose offset is not subtracted yet,
    /// and activations, as a float. Of formats with <see cref="PackedBlock{TFormat}.HasSmallCodes"/>. Not inlined: with the loop
    /// around it, it is more than the compiler takes into one method.
    /// </summary>
    /// <param name="codes">A part of a packed block.</param>
    /// <param name="input">The 32 activations of the part, each −127 to 127.</param>
    /// <param name="dots">(groups, 16)</param>
    static abstract void CodeDot<TFormat>(byte* codes, sbyte* input, float* dots)
        where TFormat : struct, IBlockFormat;

    /// <summary>The same for four tokens at once, whose activations lie <paramref name="stride"/> apart: codes are unpacked once.</summary>
    /// <param name="codes">A part of a packed block.</param>
    /// <param name="input">The activations of the first token.</param>
    /// <param name="stride">From one token's to the next one's.</param>
    /// <param name="dots">(4, groups, 16)</param>
    static virtual void CodeDot4<TFormat>(byte* codes, sbyte* input, nint stride, float* dots)
        where TFormat : struct, IBlockFormat
    {
        for (var token = 0; token < 4; token++)
            T.CodeDot<TFormat>(codes, input + (token * stride), dots + (token * PackedBlock<TFormat>.PartGroups * LaneConstants.Count));
    }

    /// <summary>The integers that 32 columns' indices of a codebook stand for, in the order that <see cref="BlockDot"/> takes them in.</summary>
    /// <param name="codes">A part of a packed block.</param>
    /// <param name="weights">512 bytes.</param>
    static abstract void Unpack<TFormat>(byte* codes, sbyte* weights)
        where TFormat : struct, IBlockFormat;
}
