using System.Runtime.CompilerServices;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Kernels;
using Flotilla.Engine.Kernels.Lanes;
using Flotilla.Engine.Tensors.Formats;

namespace Flotilla.Engine.Tensors;

/// <summary>Quantised weights, packed as (group of rows, block): see <see cref="PackedBlock{TFormat}"/>.</summary>
internal sealed class BlockMatrix<TFormat>(int rows, int columns) : WeightMatrix(rows, columns)
    where TFormat : struct, IBlockFormat
{
    private readonly BlockContent _content = new();

    /// <summary>Blocks of a row.</summary>
    public int Blocks { get; } = columns / PackedBlock<TFormat>.Columns;

    public AlignedBuffer<byte> Packed { get; } =
        new(checked(RowGroups.CountFor(rows) * (columns / PackedBlock<TFormat>.Columns) * PackedBlock<TFormat>.Bytes));

    public override bool TakesQuantized => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Pack(int group, int count, ReadOnlySpan<byte> fileRows)
    {
        var fileBytes = TensorTypes.BlockOf(TFormat.Type).Bytes;
        for (var block = 0; block < Blocks; block++)
        {
            var packed = Packed.Slice(((group * Blocks) + block) * PackedBlock<TFormat>.Bytes, PackedBlock<TFormat>.Bytes);
            for (var row = 0; row < count; row++)
            {
                TFormat.Read(fileRows.Slice(((row * Blocks) + block) * fileBytes, fileBytes), _content);
                if (!float.IsFinite(_content.Scale))
                    throw new GgufException(GgufError.NotFinite, $"A scale is {_content.Scale}.");
                if (!float.IsFinite(_content.Minimum))
                    throw new GgufException(GgufError.NotFinite, $"A minimum is {_content.Minimum}.");
                PackedBlock<TFormat>.Put(_content, row, packed);
            }
        }
    }

    public override void Multiply(KernelSet kernels, Activations input, int tokens, OutputRows output, int first, int last) =>
        kernels.Multiply(this, input, tokens, output, first, last);

    public override unsafe void CopyRow(int row, Span<float> target)
    {
        var lane = row % RowGroups.Rows;
        var block = Packed.Pointer + ((nint)(row / RowGroups.Rows) * Blocks * PackedBlock<TFormat>.Bytes);
        for (; !target.IsEmpty; block += PackedBlock<TFormat>.Bytes)
        {
            for (var part = 0; part < PackedBlock<TFormat>.Parts; part++)
            {
                CopyPart(block, part, lane, target[..Activations.BlockLength]);
                target = target[Activations.BlockLength..];
            }
        }
    }

    private static unsafe void CopyPart(byte* block, int part, int lane, Span<float> target)
    {
        var codes = PackedBlock<TFormat>.Codes(block, part);
        for (var group = 0; group < PackedBlock<TFormat>.PartGroups; group++)
        {
            var scales = PackedBlock<TFormat>.Scale(PackedBlock<TFormat>.ScalesOfBlock<LanesScalar>(block), block, part, group);
            var minimums = PackedBlock<TFormat>.Minimum(PackedBlock<TFormat>.MinimumsOfBlock<LanesScalar>(block), block, part, group);
            for (var column = group * TFormat.GroupLength; column < (group + 1) * TFormat.GroupLength; column++)
            {
                var value = scales[lane] * PackedBlock<TFormat>.Weight(codes, PackedBlock<TFormat>.ByteOf(lane, column));
                target[column] = TFormat.HasMinimums ? value + minimums[lane] : value;
            }
        }
    }
}
