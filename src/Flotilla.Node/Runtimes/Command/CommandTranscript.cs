using System.Text.Json.Serialization;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>How a transcribing program writes what it heard.</summary>
public enum CommandTranscript
{
    /// <summary>SubRip, as <c>whisper-cli --output-srt</c> writes it: utterances with their times.</summary>
    [JsonStringEnumMemberName("srt")]
    Srt,

    /// <summary>As <c>pocketsphinx_continuous -time yes</c>: an utterance a line, then its words with their times.</summary>
    [JsonStringEnumMemberName("pocketsphinx")]
    Pocketsphinx,
}
