using System.Buffers.Binary;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Tensors;
using Flotilla.Testing.Models;

namespace Flotilla.Engine.Tests.Kernels;

/// <summary>Rows of a type: any bytes that are no infinity, as a file has them and packed.</summary>
internal sealed class RandomRows
{
    private readonly int _rowBytes;

    public RandomRows(WeightType type, int rows, int blocks, RandomValues random)
    {
        var (columns, bytes) = WeightEncoder.BlockOf(type);
        _rowBytes = blocks * bytes;
        Bytes = new byte[rows * _rowBytes];
        for (var block = 0; block < rows * blocks; block++)
            Fill(type, Bytes.AsSpan(block * bytes, bytes), random);
        Matrix = WeightFormats.Create((TensorType)type, rows, blocks * columns);
        for (var group = 0; group < Matrix.Groups; group++)
        {
            var count = Math.Min(RowGroups.Rows, rows - (group * RowGroups.Rows));
            Matrix.Pack(group, count, Bytes.AsSpan(group * RowGroups.Rows * _rowBytes, count * _rowBytes));
        }
    }

    public byte[] Bytes { get; }

    public WeightMatrix Matrix { get; }

    public ReadOnlySpan<byte> Row(int row) => Bytes.AsSpan(row * _rowBytes, _rowBytes);

    private static void Fill(WeightType type, Span<byte> block, RandomValues random)
    {
        switch (type)
        {
            case WeightType.F32:
                BinaryPrimitives.WriteSingleLittleEndian(block, random.Float());
                break;
            case WeightType.F16:
                BinaryPrimitives.WriteHalfLittleEndian(block, random.Half());
                break;
            case WeightType.BF16:
                BinaryPrimitives.WriteUInt16LittleEndian(block, (ushort)(BitConverter.SingleToUInt32Bits(random.Float()) >> 16));
                break;
            default:
                foreach (ref var value in block)
                    value = (byte)random.Byte();
                foreach (var at in BlockOracle.HalvesOf(type))
                    BinaryPrimitives.WriteHalfLittleEndian(block[at..], random.Half());
                if (type == WeightType.MXFP4)
                    block[0] = (byte)(random.Next(0, 4) == 0 ? random.Next(0, 255) : random.Next(110, 140));
                break;
        }
    }
}
