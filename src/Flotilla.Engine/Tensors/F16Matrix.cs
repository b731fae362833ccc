using System.Buffers.Binary;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Kernels;

namespace Flotilla.Engine.Tensors;

/// <summary>16-bit floats, packed as (group, column): the 16 rows of a column.</summary>
internal sealed class F16Matrix(int rows, int columns) : WeightMatrix(rows, columns)
{
    public AlignedBuffer<ushort> Packed { get; } = new(checked(RowGroups.PaddedRows(rows) * columns));

    public override bool TakesQuantized => false;

    public override void Pack(int group, int count, ReadOnlySpan<byte> fileRows)
    {
        var packed = Packed.Slice(group * Columns * RowGroups.Rows, Columns * RowGroups.Rows);
        for (var row = 0; row < count; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                var bits = BinaryPrimitives.ReadUInt16LittleEndian(fileRows[(((row * Columns) + column) * sizeof(ushort))..]);
                if (!Half.IsFinite(BitConverter.UInt16BitsToHalf(bits)))
                    throw new GgufException(GgufError.NotFinite, $"A weight is {BitConverter.UInt16BitsToHalf(bits)}.");
                packed[(column * RowGroups.Rows) + row] = bits;
            }
        }
    }

    public override void Multiply(KernelSet kernels, Activations input, int tokens, OutputRows output, int first, int last) =>
        kernels.Multiply(this, input, tokens, output, first, last);

    public override void CopyRow(int row, Span<float> target)
    {
        var packed = Packed.Slice((row / RowGroups.Rows) * Columns * RowGroups.Rows, Columns * RowGroups.Rows);
        for (var column = 0; column < Columns; column++)
            target[column] = (float)BitConverter.UInt16BitsToHalf(packed[(column * RowGroups.Rows) + (row % RowGroups.Rows)]);
    }
}
