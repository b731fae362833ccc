using System.Buffers.Binary;
using System.Text;

namespace Flotilla.Testing;

/// <summary>MP4 files of nothing but the boxes that a reader looks at.</summary>
public static class Mp4Sample
{
    private const uint Scale = 1_000;
    private const int HeadBytes = 8;

    /// <summary>A file that says that it plays for so long.</summary>
    /// <param name="seconds">How long.</param>
    /// <param name="mediaBytes">Bytes of what would be its pictures.</param>
    /// <param name="fill">What they all are.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    public static byte[] Of(uint seconds, int mediaBytes = 64, byte fill = 1, ushort width = 64, ushort height = 64)
    {
        var media = new byte[mediaBytes];
        media.AsSpan().Fill(fill);
        return [.. Box("ftyp", "isom"u8.ToArray()), .. Box("moov", Head(Scale, seconds * Scale), Track("vide", width, height)), .. Box("mdat", media)];
    }

    /// <summary>The head of a movie.</summary>
    /// <param name="scale">Parts of a second.</param>
    /// <param name="duration">Its length in these.</param>
    public static byte[] Head(uint scale, uint duration)
    {
        var fields = new byte[100];
        BinaryPrimitives.WriteUInt32BigEndian(fields.AsSpan(12), scale);
        BinaryPrimitives.WriteUInt32BigEndian(fields.AsSpan(16), duration);
        return Box("mvhd", fields);
    }

    /// <summary>The same with times of 64 bits.</summary>
    public static byte[] LongHead(uint scale, ulong duration)
    {
        var fields = new byte[112];
        fields[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(fields.AsSpan(20), scale);
        BinaryPrimitives.WriteUInt64BigEndian(fields.AsSpan(24), duration);
        return Box("mvhd", fields);
    }

    /// <summary>A track.</summary>
    /// <param name="handler"><c>vide</c> for pictures, <c>soun</c> for sound.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    public static byte[] Track(string handler, ushort width = 0, ushort height = 0)
    {
        var head = new byte[84];
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(76), width);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(80), height);
        return Box("trak", Box("tkhd", head), Box("mdia", Box("hdlr", new byte[8], Encoding.ASCII.GetBytes(handler), new byte[13])));
    }

    /// <summary>A box.</summary>
    /// <param name="type">Four letters.</param>
    /// <param name="parts">What it holds.</param>
    public static byte[] Box(string type, params byte[][] parts)
    {
        var box = new byte[HeadBytes + parts.Sum(p => p.Length)];
        BinaryPrimitives.WriteUInt32BigEndian(box, (uint)box.Length);
        Encoding.ASCII.GetBytes(type, box.AsSpan(4));
        var at = HeadBytes;
        foreach (var part in parts)
        {
            part.CopyTo(box, at);
            at += part.Length;
        }

        return box;
    }
}
