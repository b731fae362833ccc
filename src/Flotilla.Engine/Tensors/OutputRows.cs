namespace Flotilla.Engine.Tensors;

/// <summary>Where a product goes: token t's outputs begin at <c>t · Stride</c>; the stride is a multiple of 16.</summary>
internal sealed class OutputRows(int tokensMax, int rows)
{
    /// <summary>Floats from one token's outputs to the next one's.</summary>
    public int Stride { get; } = RowGroups.PaddedRows(rows);

    /// <summary>All outputs: (tokens, stride).</summary>
    public AlignedBuffer<float> Buffer { get; } = new(checked(tokensMax * RowGroups.PaddedRows(rows)));

    /// <summary>The outputs of one token: (rows).</summary>
    public Span<float> Of(int token) => Buffer.Slice(token * Stride, rows);
}
