using System.Buffers.Binary;
using Flotilla.Protocol.Jobs;
using Flotilla.Testing;

namespace Flotilla.Protocol.Tests.Jobs;

/// <summary>How long a file says that it plays, and that no bytes make the reader stumble.</summary>
public sealed class Mp4FileTests
{
    private static readonly byte[] Begin = Mp4Sample.Box("ftyp", "isom"u8.ToArray());
    private static readonly byte[] Pictures = Mp4Sample.Track("vide");
    private static readonly byte[] Media = Mp4Sample.Box("mdat", new byte[8]);

    public static TheoryData<string, byte[], long?> Files => new()
    {
        { "whole seconds", Mp4Sample.Of(3), 3 },
        { "a begun second", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.Head(600, 601), Pictures), .. Media], 2 },
        { "less than a second", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.Head(12_288, 1), Pictures), .. Media], 1 },
        { "times of 64 bits", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.LongHead(1000, 5_000), Pictures), .. Media], 5 },
        { "for ever", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.LongHead(1, ulong.MaxValue - 1), Pictures), .. Media], long.MaxValue },
        { "pictures after sound, and the movie last", [.. Begin, .. Media, .. Mp4Sample.Box("free"), .. Mp4Sample.Box("moov", Mp4Sample.Head(1, 4), Mp4Sample.Track("soun"), Pictures)], 4 },
        { "a long box", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.Head(1, 4), Pictures), .. Long("mdat", 16 + 8, 8)], 4 },
        { "a last box without length", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.Head(1, 4), Pictures), 0, 0, 0, 0, .. "mdat"u8, 1, 2], 4 },
        { "nothing", [], null },
        { "half a head", [0, 0, 0], null },
        { "no beginning", [.. Mp4Sample.Box("moov", Mp4Sample.Head(1, 4), Pictures), .. Media], null },
        { "no movie", [.. Begin, .. Media], null },
        { "no media", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.Head(1, 4), Pictures)], null },
        { "empty media", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.Head(1, 4), Pictures), .. Mp4Sample.Box("mdat")], null },
        { "no head", [.. Begin, .. Mp4Sample.Box("moov", Pictures), .. Media], null },
        { "a short head", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.Box("mvhd", new byte[19]), Pictures), .. Media], null },
        { "a head of another version", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.Box("mvhd", [9, .. new byte[99]]), Pictures), .. Media], null },
        { "no length", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.Head(1, 0), Pictures), .. Media], null },
        { "an unknown length", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.Head(1, uint.MaxValue), Pictures), .. Media], null },
        { "no scale", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.Head(0, 4), Pictures), .. Media], null },
        { "sound alone", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.Head(1, 4), Mp4Sample.Track("soun")), .. Media], null },
        { "a track without a handler", [.. Begin, .. Mp4Sample.Box("moov", Mp4Sample.Head(1, 4), Mp4Sample.Box("trak")), .. Media], null },
        { "a box that ends behind the file", [.. Mp4Sample.Of(3), 0, 0, 1, 0, .. "free"u8], null },
        { "a box shorter than its head", [.. Mp4Sample.Of(3), 0, 0, 0, 4, .. "free"u8], null },
        { "a long box of more than there can be", [.. Mp4Sample.Of(3), .. Long("free", ulong.MaxValue, 0)], null },
        { "heads without end", [.. Begin, .. Enumerable.Repeat(Mp4Sample.Box("free"), 10_000).SelectMany(b => b), .. Mp4Sample.Of(3)], null },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Seconds_OfAFile_AreWhatItsHeadSays(string what, byte[] file, long? seconds)
    {
        using var stream = new MemoryStream(file);
        Assert.True(Mp4File.Seconds(stream) == seconds, what);
    }

    [Fact]
    public void Seconds_OfAFileWithAnyByteChangedOrAnyPartCutOff_AreReadWithoutAFault()
    {
        var whole = Mp4Sample.Of(3);
        for (var at = 0; at < whole.Length; at++)
        {
            using var cut = new MemoryStream(whole[..at]);
            Assert.Null(Mp4File.Seconds(cut));
            foreach (var value in (byte[])[0, 1, 0x7F, 0xFF])
            {
                var changed = whole.ToArray();
                changed[at] = value;
                using var stream = new MemoryStream(changed);
                Assert.True(Mp4File.Seconds(stream) is null or > 0);
            }
        }
    }

    private static byte[] Long(string type, ulong bytes, int content)
    {
        var head = new byte[16];
        head[3] = 1;
        System.Text.Encoding.ASCII.GetBytes(type, head.AsSpan(4));
        BinaryPrimitives.WriteUInt64BigEndian(head.AsSpan(8), bytes);
        return [.. head, .. new byte[content]];
    }
}
