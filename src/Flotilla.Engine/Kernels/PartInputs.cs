using System.Runtime.CompilerServices;
using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Kernels;

/// <summary>Where the activations of 32 columns stand, of one token or, strides apart, of those after it.</summary>
internal readonly unsafe struct PartInputs
{
    /// <summary>Those of a token's first columns.</summary>
    public PartInputs(Activations input, int token)
        : this(
            input.Quantized.Pointer + ((nint)token * input.Columns), input.QuantizedBytes.Pointer + ((nint)token * input.Columns),
            input.Scales.Pointer + ((nint)token * input.Blocks), input.Totals.Pointer + ((nint)token * input.HalfBlocks),
            input.Sums.Pointer + ((nint)token * input.HalfBlocks))
    {
    }

    private PartInputs(short* words, sbyte* bytes, float* scale, float* totals, float* sums)
    {
        Words = words;
        Bytes = bytes;
        Scale = scale;
        Totals = totals;
        Sums = sums;
    }

    /// <summary>32 quantised values.</summary>
    public short* Words { get; }

    /// <summary>The same in 8 bits.</summary>
    public sbyte* Bytes { get; }

    /// <summary>What they are multiplied by.</summary>
    public float* Scale { get; }

    /// <summary>The sum of the first 16, and that of the last.</summary>
    public float* Totals { get; }

    /// <summary>The same times the scale.</summary>
    public float* Sums { get; }

    /// <summary>The next 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PartInputs Next() => new(
        Words + Activations.BlockLength, Bytes + Activations.BlockLength, Scale + 1, Totals + Activations.BlockHalves, Sums + Activations.BlockHalves);

    /// <summary>Scale, totals and sums of the same columns of a later token. The quantised values stay the first one's: those of all four are read from there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PartInputs Later(nint blocks) =>
        new(Words, Bytes, Scale + blocks, Totals + (blocks * Activations.BlockHalves), Sums + (blocks * Activations.BlockHalves));
}
