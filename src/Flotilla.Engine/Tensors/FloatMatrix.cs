using System.Runtime.CompilerServices;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Kernels;
using Flotilla.Engine.Tensors.Formats;

namespace Flotilla.Engine.Tensors;

/// <summary>Weights that are floats, packed as (group of rows, column): the 16 rows of a column.</summary>
internal sealed class FloatMatrix<TFormat>(int rows, int columns) : WeightMatrix(rows, columns)
    where TFormat : struct, IFloatFormat
{
    public AlignedBuffer<byte> Packed { get; } = new(checked(RowGroups.PaddedRows(rows) * columns * TFormat.Bytes));

    public override bool TakesQuantized => false;

    private int GroupBytes => Columns * RowGroups.Rows * TFormat.Bytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Pack(int group, int count, ReadOnlySpan<byte> fileRows)
    {
        var packed = Packed.Slice(group * GroupBytes, GroupBytes);
        for (var row = 0; row < count; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                var weight = fileRows.Slice(((row * Columns) + column) * TFormat.Bytes, TFormat.Bytes);
                if (!float.IsFinite(TFormat.Read(weight)))
                    throw new GgufException(GgufError.NotFinite, $"A weight is {TFormat.Read(weight)}.");
                weight.CopyTo(packed[(((column * RowGroups.Rows) + row) * TFormat.Bytes)..]);
            }
        }
    }

    public override void Multiply(KernelSet kernels, Activations input, int tokens, OutputRows output, int first, int last) =>
        kernels.Multiply(this, input, tokens, output, first, last);

    public override void CopyRow(int row, Span<float> target)
    {
        var packed = Packed.Slice(row / RowGroups.Rows * GroupBytes, GroupBytes);
        for (var column = 0; column < Columns; column++)
            target[column] = TFormat.Read(packed[(((column * RowGroups.Rows) + (row % RowGroups.Rows)) * TFormat.Bytes)..]);
    }
}
