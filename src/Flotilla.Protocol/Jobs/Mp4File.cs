using System.Buffers.Binary;

namespace Flotilla.Protocol.Jobs;

/// <summary>What the boxes of an MP4 file (ISO 14496-12) say of it. Nothing is unpacked, and no more than the heads of boxes is read.</summary>
/// <remarks>A file whose movie is in fragments tells its length nowhere in one place; it counts as none.</remarks>
public static class Mp4File
{
    // A movie has some dozen; a file of nothing but heads would otherwise be read eight bytes at a time.
    private const int BoxesMax = 4096;
    private const int HeadBytes = 8;
    private const int LongHeadBytes = 16;

    /// <summary>The seconds that the file plays, begun ones included; null where it is no MP4 file that shows a picture and tells its length.</summary>
    /// <param name="file">Can be sought; left anywhere.</param>
    public static long? Seconds(Stream file) => Read(file)?.BegunSeconds;

    /// <summary>What the file says of itself; null where it is no MP4 file that shows a picture and tells its length.</summary>
    /// <param name="file">Can be sought; left anywhere.</param>
    public static Mp4Head? Read(Stream file)
    {
        var boxes = 0;
        var all = new Box("", 0, file.Length);
        if (Inside(file, all, ref boxes).FirstOrDefault() is not { Type: "ftyp" } || Find(file, all, "mdat", ref boxes) is not { Length: > 0 }
            || Find(file, all, "moov", ref boxes) is not { } movie || Find(file, movie, "mvhd", ref boxes) is not { } head)
            return null;
        (int Width, int Height)? largest = null;
        foreach (var track in Inside(file, movie, ref boxes).Where(b => b.Type == "trak"))
        {
            if (Find(file, track, "mdia", ref boxes) is not { } media || Find(file, media, "hdlr", ref boxes) is not { } handler || !Shows(file, handler))
                continue;
            var size = Find(file, track, "tkhd", ref boxes) is { } shape ? Size(file, shape) : (Width: 0, Height: 0);
            if (largest is not { } other || (long)size.Width * size.Height > (long)other.Width * other.Height)
                largest = size;
        }

        return largest is { } shown && Length(file, head) is { } length ? new Mp4Head(length.Scale, length.Duration, shown.Width, shown.Height) : null;
    }

    private static Box? Find(Stream file, Box outer, string type, ref int boxes) => Inside(file, outer, ref boxes).FirstOrDefault(b => b.Type == type);

    /// <summary>The boxes within a box, or none where one of them is broken.</summary>
    private static List<Box> Inside(Stream file, Box outer, ref int boxes)
    {
        var found = new List<Box>();
        Span<byte> head = stackalloc byte[LongHeadBytes];
        for (var at = outer.Start; at < outer.End;)
        {
            if (outer.End - at < HeadBytes || ++boxes > BoxesMax || !TryRead(file, at, head[..HeadBytes]))
                return [];
            var bytes = (ulong)BinaryPrimitives.ReadUInt32BigEndian(head);
            var headBytes = HeadBytes;
            if (bytes == 1)
            {
                headBytes = LongHeadBytes;
                if (!TryRead(file, at, head))
                    return [];
                bytes = BinaryPrimitives.ReadUInt64BigEndian(head[HeadBytes..]);
            }
            else if (bytes == 0)
            {
                bytes = (ulong)(outer.End - at);
            }

            if (bytes < (ulong)headBytes || bytes > (ulong)(outer.End - at))
                return [];
            found.Add(new Box(System.Text.Encoding.Latin1.GetString(head[4..HeadBytes]), at + headBytes, at + (long)bytes));
            at += (long)bytes;
        }

        return found;
    }

    /// <summary>Whether the track's handler is that of pictures.</summary>
    private static bool Shows(Stream file, Box handler)
    {
        Span<byte> fields = stackalloc byte[12];
        return handler.Length >= fields.Length && TryRead(file, handler.Start, fields) && fields[8..].SequenceEqual("vide"u8);
    }

    /// <summary>The sides as they are shown: whole numbers before the fraction of 16 bits, at the head's end.</summary>
    private static (int Width, int Height) Size(Stream file, Box head)
    {
        Span<byte> sides = stackalloc byte[8];
        return head.Length >= sides.Length && TryRead(file, head.End - sides.Length, sides)
            ? (BinaryPrimitives.ReadUInt16BigEndian(sides), BinaryPrimitives.ReadUInt16BigEndian(sides[4..]))
            : (0, 0);
    }

    private static (uint Scale, ulong Duration)? Length(Stream file, Box head)
    {
        Span<byte> fields = stackalloc byte[32];
        var isLong = head.Length >= 32;
        if (head.Length < 20 || !TryRead(file, head.Start, isLong ? fields : fields[..20]))
            return null;
        // Version 1 has times of 64 bits: 16 bytes of them stand before the scale where version 0 has 8.
        var (scale, duration) = fields[0] switch
        {
            0 => (BinaryPrimitives.ReadUInt32BigEndian(fields[12..]), (ulong)BinaryPrimitives.ReadUInt32BigEndian(fields[16..])),
            1 when isLong => (BinaryPrimitives.ReadUInt32BigEndian(fields[20..]), BinaryPrimitives.ReadUInt64BigEndian(fields[24..])),
            _ => (0u, 0ul),
        };
        // All ones: the length is not known.
        if (scale == 0 || duration == 0 || duration == (fields[0] == 0 ? uint.MaxValue : ulong.MaxValue))
            return null;
        return (scale, duration);
    }

    private static bool TryRead(Stream file, long at, Span<byte> bytes)
    {
        file.Position = at;
        return file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length;
    }

    /// <summary>What a box holds lies from <paramref name="Start"/> to <paramref name="End"/>, exclusive.</summary>
    private sealed record Box(string Type, long Start, long End)
    {
        public long Length => End - Start;
    }
}
