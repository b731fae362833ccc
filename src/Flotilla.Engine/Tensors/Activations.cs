using Flotilla.Engine.Kernels;

namespace Flotilla.Engine.Tensors;

/// <summary>Inputs of a product, as floats and, per 32 values, as 8-bit numbers (held in 8 and in 16 bits) with a scale and the sums of both halves.</summary>
internal sealed class Activations(int tokensMax, int columns, AlignedBuffer<float>? values = null)
{
    /// <summary>Values that share a scale.</summary>
    public const int BlockLength = 32;

    /// <summary>Sums of a block, each of 16 values: the shortest run of columns that share a weight's scale.</summary>
    public const int BlockHalves = 2;

    public int Columns => columns;

    /// <summary>Blocks of a token; the quantised form is used only where columns are a multiple of 32.</summary>
    public int Blocks => columns / BlockLength;

    /// <summary>Sums of a token.</summary>
    public int HalfBlocks => Blocks * BlockHalves;

    /// <summary>(tokens, columns)</summary>
    public AlignedBuffer<float> Values { get; } = values ?? new(checked(tokensMax * columns));

    /// <summary>(tokens, columns), each −127 to 127.</summary>
    public AlignedBuffer<short> Quantized { get; } = new(checked(tokensMax * columns));

    /// <summary>(tokens, columns): the same numbers in 8 bits.</summary>
    public AlignedBuffer<sbyte> QuantizedBytes { get; } = new(checked(tokensMax * columns));

    /// <summary>(tokens, columns / 32)</summary>
    public AlignedBuffer<float> Scales { get; } = new(checked(tokensMax * (columns / BlockLength)));

    /// <summary>(tokens, columns / 16): the sum of the quantised values.</summary>
    public AlignedBuffer<float> Totals { get; } = new(checked(tokensMax * (columns / BlockLength * BlockHalves)));

    /// <summary>(tokens, columns / 16): that sum times their scale.</summary>
    public AlignedBuffer<float> Sums { get; } = new(checked(tokensMax * (columns / BlockLength * BlockHalves)));

    /// <summary>The values of one token: (columns).</summary>
    public Span<float> Of(int token) => Values.Slice(token * columns, columns);

    /// <summary>Fills in the quantised form of one token.</summary>
    public void Quantize(KernelSet kernels, int token) => kernels.Quantize(this, token);
}
