using System.Buffers.Binary;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Kernels;

namespace Flotilla.Engine.Tensors;

/// <summary>32-bit floats, packed as (group, column): the 16 rows of a column.</summary>
internal sealed class F32Matrix(int rows, int columns) : WeightMatrix(rows, columns)
{
    public AlignedBuffer<float> Packed { get; } = new(checked(RowGroups.PaddedRows(rows) * columns));

    public override bool TakesQuantized => false;

    public override void Pack(int group, int count, ReadOnlySpan<byte> fileRows)
    {
        var packed = Packed.Slice(group * Columns * RowGroups.Rows, Columns * RowGroups.Rows);
        for (var row = 0; row < count; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                var value = BinaryPrimitives.ReadSingleLittleEndian(fileRows[(((row * Columns) + column) * sizeof(float))..]);
                if (!float.IsFinite(value))
                    throw new GgufException(GgufError.NotFinite, $"A weight is {value}.");
                packed[(column * RowGroups.Rows) + row] = value;
            }
        }
    }

    public override void Multiply(KernelSet kernels, Activations input, int tokens, OutputRows output, int first, int last) =>
        kernels.Multiply(this, input, tokens, output, first, last);

    public override void CopyRow(int row, Span<float> target)
    {
        var packed = Packed.Slice((row / RowGroups.Rows) * Columns * RowGroups.Rows, Columns * RowGroups.Rows);
        for (var column = 0; column < Columns; column++)
            target[column] = packed[(column * RowGroups.Rows) + (row % RowGroups.Rows)];
    }
}
