using System.Buffers.Binary;

namespace Flotilla.Protocol.Jobs;

/// <summary>Vectors as the link and OpenAI's API write them: float32, little-endian.</summary>
public static class Float32
{
    /// <summary>Whether every value is a finite number.</summary>
    /// <param name="bytes">4 for each value.</param>
    public static bool AreFinite(ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(float); bytes = bytes[sizeof(float)..])
        {
            if (!float.IsFinite(BinaryPrimitives.ReadSingleLittleEndian(bytes)))
                return false;
        }

        return true;
    }

    /// <summary>The bytes of these values.</summary>
    public static byte[] Bytes(ReadOnlySpan<float> values)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        return bytes;
    }
}
