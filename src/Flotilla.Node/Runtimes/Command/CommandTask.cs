using System.Text.Json.Serialization;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>What programs can be used for.</summary>
public enum CommandTask
{
    /// <summary>Text in, sound out.</summary>
    [JsonStringEnumMemberName("speech")]
    Speech,

    /// <summary>Sound in, text out.</summary>
    [JsonStringEnumMemberName("transcription")]
    Transcription,

    /// <summary>Text or pictures in, a picture out.</summary>
    [JsonStringEnumMemberName("image")]
    Image,

    /// <summary>Text in, perhaps with a picture; a video out, as an MP4 file.</summary>
    [JsonStringEnumMemberName("video")]
    Video,

    /// <summary>A video in, pictures out of it, as JPEG files.</summary>
    [JsonStringEnumMemberName("frames")]
    Frames,
}
