using System.Buffers.Binary;

namespace Flotilla.Testing;

/// <summary>Beginnings of pictures, as far as their sizes stand in them; no pixel follows.</summary>
public static class Pictures
{
    /// <summary>A PNG of these sides.</summary>
    public static byte[] Png(int width, int height)
    {
        byte[] file = [0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', 0, 0, 0, 13, .. "IHDR"u8, .. new byte[8], 8, 2, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), height);
        return file;
    }

    /// <summary>A JPEG of these sides, with a comment and a table before its frame.</summary>
    public static byte[] Jpeg(ushort width, ushort height)
    {
        byte[] file = [0xFF, 0xD8, 0xFF, 0xFE, 0, 5, .. "hey"u8, 0xFF, 0xFF, 0xC4, 0, 3, 0xC0, 0xFF, 0xC2, 0, 17, 8, .. new byte[4], 3];
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(file.Length - 5), height);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(file.Length - 3), width);
        return file;
    }

    /// <summary>A GIF of these sides.</summary>
    public static byte[] Gif(ushort width, ushort height)
    {
        byte[] file = [.. "GIF89a"u8, .. new byte[4], 0, 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(6), width);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), height);
        return file;
    }

    /// <summary>A WebP of these sides, by the three ways in which its first chunk may say them.</summary>
    /// <param name="chunk"><c>VP8 </c>, <c>VP8L</c> or <c>VP8X</c>.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    public static byte[] Webp(string chunk, int width, int height)
    {
        var data = new byte[12];
        switch (chunk)
        {
            case "VP8 ":
                ((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]).CopyTo(data.AsSpan(3));
                BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(6), (ushort)width);
                BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(8), (ushort)height);
                break;
            case "VP8L":
                data[0] = 0x2F;
                BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(1), (uint)(width - 1) | (uint)(height - 1) << 14);
                break;
            default:
                BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(4), width - 1);
                BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(7), height - 1);
                break;
        }

        return [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBP"u8, .. System.Text.Encoding.ASCII.GetBytes(chunk), 0, 0, 0, 0, .. data];
    }
}
