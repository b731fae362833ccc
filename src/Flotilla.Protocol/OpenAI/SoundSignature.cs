namespace Flotilla.Protocol.OpenAI;

/// <summary>What the first bytes of a sound say that it is. The names and media types that come with one prove nothing.</summary>
public static class SoundSignature
{
    /// <summary>Bytes that are looked at.</summary>
    public const int Bytes = 12;

    private static ReadOnlySpan<byte> Matroska => [0x1A, 0x45, 0xDF, 0xA3];

    /// <summary>A sound's format, as a file's name would end: wav, flac, ogg, m4a, webm, mp3 or aac; null for anything else.</summary>
    public static string? FormatOf(ReadOnlySpan<byte> head)
    {
        if (head.Length >= Bytes && head.StartsWith("RIFF"u8) && head[8..].StartsWith("WAVE"u8))
            return "wav";
        if (head.StartsWith("fLaC"u8))
            return "flac";
        if (head.StartsWith("OggS"u8))
            return "ogg";
        if (head.Length >= 8 && head[4..].StartsWith("ftyp"u8))
            return "m4a";
        if (head.StartsWith(Matroska))
            return "webm";
        return head.StartsWith("ID3"u8) ? "mp3" : FrameOf(head);
    }

    /// <summary>Whether a sound can be speech of a <c>response_format</c>.</summary>
    public static bool IsSpeech(ReadOnlySpan<byte> head, string format) => format switch
    {
        "opus" => FormatOf(head) == "ogg",
        "aac" => FormatOf(head) == "aac" || head.StartsWith("ID3"u8),
        // Samples may begin with the bits of a frame; the name of a container is no chance.
        "pcm" => FormatOf(head) is null or "mp3" or "aac" && !head.StartsWith("ID3"u8),
        _ => FormatOf(head) == format,
    };

    // Twelve bits of ones begin a frame; the next tell MPEG's layer, which is 0 for AAC.
    private static string? FrameOf(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("ADIF"u8))
            return "aac";
        if (head.Length < 2 || head[0] != 0xFF || (head[1] & 0xE0) != 0xE0)
            return null;
        if ((head[1] & 0x06) != 0)
            return "mp3";
        return (head[1] & 0xF0) == 0xF0 ? "aac" : null;
    }
}
