using System.Buffers.Binary;
using Flotilla.Protocol.Jobs;

namespace Flotilla.Protocol.Tests.Jobs;

/// <summary>The most seconds that a file can hold: exact where its samples are plain, by its length everywhere else.</summary>
public sealed class SoundLengthTests
{
    private const int Seconds = 10;

    [Theory]
    [InlineData(1, 1, 16_000, 16)]
    [InlineData(1, 2, 44_100, 24)]
    [InlineData(1, 1, 8_000, 8)]
    [InlineData(3, 2, 48_000, 32)]
    [InlineData(7, 1, 8_000, 8)]
    [InlineData(0xFFFE, 2, 48_000, 16)]
    public void SecondsMax_OfPlainSamples_CountsABegunSecondWhole(int code, int channels, int rate, int bits)
    {
        var second = rate * channels * bits / 8;
        Assert.Equal(Seconds, SoundLength.SecondsMax(Wav(code, channels, rate, bits, (Seconds * second) - 200)));
        Assert.Equal(Seconds, SoundLength.SecondsMax(Wav(code, channels, rate, bits, (Seconds * second) - 200, before: "LIST")));
        // What stands in the data's own length is nobody's business: the bytes are there. The head may be a second's beginning.
        var streamed = Wav(code, channels, rate, bits, Seconds * second);
        streamed.AsSpan(streamed.AsSpan().IndexOf("data"u8) + 4, 4).Fill(0xFF);
        Assert.Equal(Seconds + 1, SoundLength.SecondsMax(streamed));
    }

    public static TheoryData<byte[]> Unknown => new()
    {
        Array.Empty<byte>(),
        "RIFF"u8.ToArray(),
        "fLaC and so on"u8.ToArray(),
        new byte[10_000],
        // A codec behind a WAV head, numbers that nobody reads, and no sound at all.
        Wav(0x55, 2, 44_100, 16, 10_000),
        Wav(2, 1, 16_000, 4, 10_000),
        Wav(1, 1, 16_000, 12, 10_000),
        Wav(1, 0, 16_000, 16, 10_000),
        Wav(1, 1, 0, 16, 10_000),
        Wav(1, 1, 100, 8, 10_000),
        Wav(0xFFFE, 1, 16_000, 16, 10_000, subformat: 0x55),
        // Two formats, a format that is cut off, no format before the data, and a chunk beyond the end.
        Joined(Wav(1, 2, 48_000, 32, 0)[..36], Wav(1, 1, 8_000, 8, 10_000)[12..]),
        Wav(1, 1, 16_000, 16, 0)[..30],
        Joined(Wav(1, 1, 16_000, 16, 0)[..12], "data"u8.ToArray(), new byte[5_000]),
        Joined(Wav(1, 1, 16_000, 16, 0)[..12], "LIST"u8.ToArray(), Length(-1), new byte[5_000]),
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Unknown))]
    public void SecondsMax_OfAnythingElse_IsByTheSlowestRate(byte[] file) => Assert.Equal((file.Length / 500) + 1, SoundLength.SecondsMax(file));

    private static byte[] Wav(int code, int channels, int rate, int bits, int dataBytes, string before = "", int subformat = 1)
    {
        var format = new byte[code == 0xFFFE ? 40 : 16];
        BinaryPrimitives.WriteUInt16LittleEndian(format, (ushort)code);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(2), (ushort)channels);
        BinaryPrimitives.WriteUInt32LittleEndian(format.AsSpan(4), (uint)rate);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(14), (ushort)bits);
        if (code == 0xFFFE)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(24), (ushort)subformat);
            byte[] rest = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];
            rest.CopyTo(format, 26);
        }

        byte[] other = before.Length > 0 ? [.. System.Text.Encoding.ASCII.GetBytes(before), 3, 0, 0, 0, 1, 2, 3, 0] : [];
        return [.. "RIFF"u8, 0, 0, 0, 0, .. "WAVE"u8, .. other, .. "fmt "u8, .. Length(format.Length), .. format, .. "data"u8, .. Length(dataBytes), .. new byte[dataBytes]];
    }

    private static byte[] Joined(params byte[][] parts) => [.. parts.SelectMany(p => p)];

    private static byte[] Length(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
