using Flotilla.Engine.Cache;
using Flotilla.Engine.Kernels.Lanes;
using Flotilla.Engine.Tensors;
using Flotilla.Engine.Tensors.Formats;

namespace Flotilla.Engine.Kernels;

/// <summary>
/// The arithmetic of the forward pass at one vector width. Every width gives the same bits: docs/numerics.md says which.
/// Lengths of hidden states and heads are multiples of 16; the model's loader has checked that.
/// </summary>
internal abstract class KernelSet
{
    /// <summary>The kernels of a width.</summary>
    /// <exception cref="PlatformNotSupportedException">The processor does not have that width.</exception>
    public static KernelSet For(KernelWidth width) => width switch
    {
        KernelWidth.Scalar => new LaneKernels<LanesScalar>(),
        KernelWidth.Vector128 when Lanes128.IsSupported => new LaneKernels<Lanes128>(),
        KernelWidth.Vector256 when Lanes256.IsSupported => new LaneKernels<Lanes256>(),
        KernelWidth.Vector512 when Lanes512.IsSupported => new LaneKernels<Lanes512>(),
        KernelWidth.Best => For(Best()),
        _ => throw new PlatformNotSupportedException($"This processor has no {width} kernels; its best are {Best()}."),
    };

    /// <summary>The widest that the processor has.</summary>
    public static KernelWidth Best() =>
        Lanes512.IsSupported ? KernelWidth.Vector512
        : Lanes256.IsSupported ? KernelWidth.Vector256
        : Lanes128.IsSupported ? KernelWidth.Vector128
        : KernelWidth.Scalar;

    /// <summary>output = input · (1 / √(mean(input²) + epsilon)) · weight; all of one length.</summary>
    public abstract void RmsNorm(ReadOnlySpan<float> input, ReadOnlySpan<float> weight, float epsilon, Span<float> output);

    /// <summary>output = (input − mean) · (1 / √(variance + epsilon)) · scale + shift; all of one length.</summary>
    public abstract void CentredNorm(ReadOnlySpan<float> input, ReadOnlySpan<float> scale, ReadOnlySpan<float> shift, float epsilon, Span<float> output);

    /// <summary>The sum of squares in the order of the contract.</summary>
    public abstract float SumOfSquares(ReadOnlySpan<float> input);

    /// <summary>Fills in the quantised form of a token's values; their number is a multiple of 32.</summary>
    public abstract void Quantize(Activations activations, int token);

    /// <summary>Turns the pairs (i, i + n) of a head, n the length of the tables, by the angles whose cosines and sines are given.</summary>
    public abstract void Rotate(Span<float> head, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin);

    /// <summary>gate = gate / (1 + e^−gate) · up.</summary>
    public abstract void SwiGlu(Span<float> gate, ReadOnlySpan<float> up);

    /// <summary>gate = gate / (1 + e^−2u) · up, where u = √(2/π) · gate · (1 + 0.044715 · gate²).</summary>
    public abstract void GeGlu(Span<float> gate, ReadOnlySpan<float> up);

    /// <summary>values = values / (1 + e^−2u), u as for <see cref="GeGlu"/>.</summary>
    public abstract void Gelu(Span<float> values);

    /// <summary>values *= factor, of any length.</summary>
    public abstract void Scale(Span<float> values, float factor);

    /// <summary>values = cap · tanh(values / cap), of any length.</summary>
    public abstract void Cap(Span<float> values, float cap);

    /// <summary>target += addend.</summary>
    public abstract void Add(Span<float> target, ReadOnlySpan<float> addend);

    /// <summary>values = e^(values − max), and their sum; the length is a multiple of 16, filled up with −∞.</summary>
    public abstract float ExpSum(Span<float> values, float max);

    /// <summary>The greatest value; the length is a multiple of 16, filled up with −∞.</summary>
    public abstract float Max(ReadOnlySpan<float> values);

    /// <summary>Whether every value is a finite number.</summary>
    public abstract bool IsFinite(ReadOnlySpan<float> values);

    /// <summary>Attention of one head at one position over positions up to it.</summary>
    /// <param name="blocks">The sequence's keys and values.</param>
    /// <param name="offset">Where layer and key-value head begin in each block.</param>
    /// <param name="first">The first position that is looked at, below 16.</param>
    /// <param name="positions">How many positions there are, at least one more.</param>
    /// <param name="query">(head length)</param>
    /// <param name="scale">Multiplies the scores.</param>
    /// <param name="cap">Bounds them softly; 0 does not.</param>
    /// <param name="scores">Scratch of <paramref name="positions"/> rounded up to a multiple of 64.</param>
    /// <param name="output">(head length)</param>
    public abstract void Attend(
        ReadOnlySpan<KvBlock> blocks, int offset, int first, int positions, ReadOnlySpan<float> query, float scale, float cap, Span<float> scores,
        Span<float> output);

    /// <summary>Outputs of groups [first, last) of rows for all tokens; the input is quantised.</summary>
    public abstract void Multiply<TFormat>(BlockMatrix<TFormat> matrix, Activations input, int tokens, OutputRows output, int first, int last)
        where TFormat : struct, IBlockFormat;

    /// <summary>Outputs of groups [first, last) of rows for all tokens.</summary>
    public abstract void Multiply<TFormat>(FloatMatrix<TFormat> matrix, Activations input, int tokens, OutputRows output, int first, int last)
        where TFormat : struct, IFloatFormat;
}
