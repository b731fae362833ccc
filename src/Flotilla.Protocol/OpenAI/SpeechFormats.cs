namespace Flotilla.Protocol.OpenAI;

/// <summary>The formats of speech, and what each is called on the web.</summary>
public static class SpeechFormats
{
    /// <summary>Where the request names none.</summary>
    public const string Default = "mp3";

    /// <summary>OpenAI's names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["mp3", "opus", "aac", "flac", "wav", "pcm"];

    /// <summary>The media type of a format.</summary>
    public static string MediaTypeOf(string format) => format switch
    {
        "mp3" => "audio/mpeg",
        "opus" => "audio/ogg",
        _ => "audio/" + format,
    };
}
