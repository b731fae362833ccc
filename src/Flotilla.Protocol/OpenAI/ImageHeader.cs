using System.Buffers.Binary;

namespace Flotilla.Protocol.OpenAI;

/// <summary>What the first bytes of a picture say of it; nothing is unpacked.</summary>
/// <param name="MediaType">By its bytes, whatever anybody calls it.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
public readonly record struct ImageHeader(string MediaType, int Width, int Height)
{
    private const byte JpegMark = 0xFF;
    private const int WebpBytesMin = 30;

    /// <summary>The formats that are told, in words.</summary>
    public const string Formats = "PNG, JPEG, GIF or WebP";

    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads the beginning of a file; null where it is no picture of these formats.</summary>
    public static ImageHeader? Read(ReadOnlySpan<byte> file)
    {
        var header = Png(file) ?? Gif(file) ?? Webp(file) ?? Jpeg(file);
        return header is { Width: > 0, Height: > 0 } ? header : null;
    }

    /// <summary>What is wrong with a file as a picture, as the end of a sentence; null where nothing is.</summary>
    /// <param name="file">The bytes.</param>
    /// <param name="header">What they say, where the answer is null.</param>
    public static string? Fault(ReadOnlySpan<byte> file, out ImageHeader header)
    {
        header = Read(file).GetValueOrDefault();
        if (header.MediaType is null)
            return $"is no {Formats}";
        return (long)header.Width * header.Height > OpenAiLimits.ImagePixelsMax
            ? $"has {header.Width} x {header.Height} pixels; at most {OpenAiLimits.ImagePixelsMax} are possible"
            : null;
    }

    /// <summary>The picture in the form in which a node gets it.</summary>
    public string DataUrl(ReadOnlySpan<byte> file) => $"data:{MediaType};base64,{Convert.ToBase64String(file)}";

    private static ImageHeader? Png(ReadOnlySpan<byte> file) =>
        file.Length >= 24 && file.StartsWith(PngSignature) && file[12..].StartsWith("IHDR"u8)
            ? new ImageHeader("image/png", BinaryPrimitives.ReadInt32BigEndian(file[16..]), BinaryPrimitives.ReadInt32BigEndian(file[20..]))
            : null;

    private static ImageHeader? Gif(ReadOnlySpan<byte> file) =>
        file.Length >= 10 && (file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8))
            ? new ImageHeader("image/gif", BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), BinaryPrimitives.ReadUInt16LittleEndian(file[8..]))
            : null;

    private static ImageHeader? Webp(ReadOnlySpan<byte> file)
    {
        if (file.Length < WebpBytesMin || !file.StartsWith("RIFF"u8) || !file[8..].StartsWith("WEBP"u8))
            return null;
        var chunk = file[12..16];
        var data = file[20..];
        if (chunk.SequenceEqual("VP8 "u8))
            return data[3..6].SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]) ? Webp(BinaryPrimitives.ReadUInt16LittleEndian(data[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(data[8..]) & 0x3FFF) : null;
        if (chunk.SequenceEqual("VP8X"u8))
            return Webp(Int24(data[4..]) + 1, Int24(data[7..]) + 1);
        if (!chunk.SequenceEqual("VP8L"u8) || data[0] != 0x2F)
            return null;
        var sides = BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
        return Webp((int)(sides & 0x3FFF) + 1, (int)(sides >> 14 & 0x3FFF) + 1);
    }

    private static ImageHeader Webp(int width, int height) => new("image/webp", width, height);

    private static int Int24(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;

    // Segments follow one another, each with its length; the first that begins a frame has the sides.
    private static ImageHeader? Jpeg(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith((ReadOnlySpan<byte>)[JpegMark, 0xD8, JpegMark]))
            return null;
        var rest = file[2..];
        while (rest.Length >= 4 && rest[0] == JpegMark)
        {
            var kind = rest[1];
            if (kind == JpegMark)
            {
                rest = rest[1..];
                continue;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (IsFrame(kind))
                return rest.Length >= 9 ? new ImageHeader("image/jpeg", BinaryPrimitives.ReadUInt16BigEndian(rest[7..]), BinaryPrimitives.ReadUInt16BigEndian(rest[5..])) : null;
            if (length < 2 || length + 2 > rest.Length)
                return null;
            rest = rest[(length + 2)..];
        }

        return null;
    }

    // C0 to CF begin frames, but for tables (C4, CC) and an extension (C8).
    private static bool IsFrame(byte kind) => kind is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
