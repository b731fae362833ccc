using System.Buffers.Binary;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.Jobs;

/// <summary>How many seconds of sound a file can hold at most: what a transcription is held for before anybody has heard it, and what it can be charged.</summary>
/// <remarks>
/// Plain samples in a WAV file say it themselves: so many bytes are a second, whatever else the file claims. Every other
/// container can hold a sound of any rate behind any head, and is taken for the lowest rate in use. A node that finds more refuses.
/// </remarks>
public static class SoundLength
{
    private const int HeadBytes = 12;
    private const int ChunkHeadBytes = 8;
    private const int FormatBytes = 16;
    private const int ExtensibleBytes = 40;
    private const int ExtensibleCode = 0xFFFE;

    // A chunk or two stand before the format in files of studios.
    private const int ChunksMax = 64;

    // The end of the GUID of every subformat that has a code.
    private static ReadOnlySpan<byte> CodedGuid => [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];

    /// <summary>The most seconds, a begun one whole.</summary>
    /// <param name="file">As the client sent it.</param>
    public static long SecondsMax(ReadOnlySpan<byte> file) => (file.Length / (BytesPerSecond(file) ?? LinkLimits.SoundBytesPerSecondMin)) + 1;

    /// <summary>What a second takes; null where the file does not say so for certain.</summary>
    private static long? BytesPerSecond(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeadBytes || !file.StartsWith("RIFF"u8) || !file[8..].StartsWith("WAVE"u8))
            return null;
        long? found = null;
        long at = HeadBytes;
        for (var i = 0; i < ChunksMax && at + ChunkHeadBytes <= file.Length; i++)
        {
            var chunk = file[(int)at..];
            var size = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk.StartsWith("data"u8))
                return found;
            if (chunk.StartsWith("fmt "u8))
            {
                // Of two formats nobody knows which one a reader takes.
                if (found is not null || size > chunk.Length - ChunkHeadBytes)
                    return null;
                found = OfFormat(chunk.Slice(ChunkHeadBytes, (int)size));
                if (found is null)
                    return null;
            }

            // A chunk begins at an even place.
            at += ChunkHeadBytes + size + (size & 1);
        }

        return null;
    }

    private static long? OfFormat(ReadOnlySpan<byte> format)
    {
        if (format.Length < FormatBytes)
            return null;
        int code = BinaryPrimitives.ReadUInt16LittleEndian(format);
        if (code == ExtensibleCode)
        {
            if (format.Length < ExtensibleBytes || !format[26..].StartsWith(CodedGuid))
                return null;
            code = BinaryPrimitives.ReadUInt16LittleEndian(format[24..]);
        }

        long channels = BinaryPrimitives.ReadUInt16LittleEndian(format[2..]);
        long rate = BinaryPrimitives.ReadUInt32LittleEndian(format[4..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(format[14..]);
        // Whole numbers, floating point, A-law and mu-law: one sample after the other, and nothing to unpack.
        var isPlain = code switch
        {
            1 => bits is 8 or 16 or 24 or 32,
            3 => bits is 32 or 64,
            6 or 7 => bits == 8,
            _ => false,
        };
        var bytes = channels * rate * (bits / 8);
        // Slower than the slowest of all is no sound, and no reason to hold more.
        return isPlain && bytes >= LinkLimits.SoundBytesPerSecondMin ? bytes : null;
    }
}
