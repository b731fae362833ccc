namespace Flotilla.Protocol.OpenAI;

/// <summary>The ways in which a transcript is written.</summary>
public enum TranscriptFormat
{
    /// <summary>An object with the text and its usage.</summary>
    Json,

    /// <summary>The text alone.</summary>
    Text,

    /// <summary>SubRip subtitles.</summary>
    Srt,

    /// <summary>WebVTT subtitles.</summary>
    Vtt,

    /// <summary>An object with the segments and, where asked for, the words.</summary>
    VerboseJson,
}
