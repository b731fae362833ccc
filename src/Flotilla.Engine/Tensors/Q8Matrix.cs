using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Kernels;

namespace Flotilla.Engine.Tensors;

/// <summary>
/// Q8_0: 32 signed bytes and a 16-bit float scale a block. Packed as (group, block): 16 scales as floats, then for each of
/// the 16 column pairs the pairs of all 16 rows, so 64 + 512 bytes.
/// </summary>
internal sealed class Q8Matrix(int rows, int columns) : WeightMatrix(rows, columns)
{
    /// <summary>Bytes of a packed block of 16 rows.</summary>
    public const int PackedBlockBytes = ScaleBytes + (RowGroups.Rows * Activations.BlockLength);

    /// <summary>Bytes of the scales at the head of a packed block.</summary>
    public const int ScaleBytes = RowGroups.Rows * sizeof(float);

    private const int FileBlockBytes = 34;

    public int Blocks { get; } = columns / Activations.BlockLength;

    public AlignedBuffer<byte> Packed { get; } =
        new(checked(RowGroups.CountFor(rows) * (columns / Activations.BlockLength) * PackedBlockBytes));

    public override bool TakesQuantized => true;

    public override void Pack(int group, int count, ReadOnlySpan<byte> fileRows)
    {
        var rowBytes = Blocks * FileBlockBytes;
        for (var block = 0; block < Blocks; block++)
        {
            var packed = Packed.Slice(((group * Blocks) + block) * PackedBlockBytes, PackedBlockBytes);
            var scales = MemoryMarshal.Cast<byte, float>(packed[..ScaleBytes]);
            var pairs = MemoryMarshal.Cast<byte, ushort>(packed[ScaleBytes..]);
            for (var row = 0; row < count; row++)
            {
                var source = fileRows.Slice((row * rowBytes) + (block * FileBlockBytes), FileBlockBytes);
                var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(source);
                if (!float.IsFinite(scale))
                    throw new GgufException(GgufError.NotFinite, $"A scale is {scale}.");
                scales[row] = scale;
                var weights = MemoryMarshal.Cast<byte, ushort>(source[sizeof(ushort)..]);
                for (var pair = 0; pair < weights.Length; pair++)
                    pairs[(pair * RowGroups.Rows) + row] = weights[pair];
            }
        }
    }

    public override void Multiply(KernelSet kernels, Activations input, int tokens, OutputRows output, int first, int last) =>
        kernels.Multiply(this, input, tokens, output, first, last);

    public override void CopyRow(int row, Span<float> target)
    {
        var lane = row % RowGroups.Rows;
        for (var block = 0; block < Blocks; block++)
        {
            var packed = Packed.Slice((((row / RowGroups.Rows) * Blocks) + block) * PackedBlockBytes, PackedBlockBytes);
            var scale = MemoryMarshal.Cast<byte, float>(packed[..ScaleBytes])[lane];
            for (var column = 0; column < Activations.BlockLength; column++)
                target[(block * Activations.BlockLength) + column] = scale * (sbyte)packed[ScaleBytes + Index(lane, column)];
        }
    }

    private static int Index(int row, int column) => ((column / 2) * 2 * RowGroups.Rows) + (row * 2) + (column % 2);
}
