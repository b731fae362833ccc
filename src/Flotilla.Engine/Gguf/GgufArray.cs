using System.Buffers.Binary;

namespace Flotilla.Engine.Gguf;

/// <summary>An array of numbers or Booleans, kept as the bytes of the file; read only as the type that the file declares.</summary>
internal sealed class GgufArray(GgufValueType type, byte[] bytes)
{
    /// <summary>The elements' type.</summary>
    public GgufValueType Type => type;

    /// <summary>The elements as integers that fit 32 bits, or null if the type or a value does not allow it.</summary>
    public int[]? AsInt32()
    {
        if (type is not (GgufValueType.Int32 or GgufValueType.UInt32))
            return null;
        var values = new int[bytes.Length / sizeof(int)];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(index * sizeof(int)));
            if (type == GgufValueType.UInt32 && values[index] < 0)
                return null;
        }

        return values;
    }

    /// <summary>The elements as floats, or null if they are none.</summary>
    public float[]? AsSingle()
    {
        if (type != GgufValueType.Float32)
            return null;
        var values = new float[bytes.Length / sizeof(float)];
        for (var index = 0; index < values.Length; index++)
            values[index] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(index * sizeof(float)));
        return values;
    }

    /// <summary>The elements as bytes, or null if they are none.</summary>
    public byte[]? AsBytes() => type is GgufValueType.UInt8 or GgufValueType.Int8 ? bytes : null;
}
