using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>Makes segments of a transcribing program's lines. What it does not understand it passes over.</summary>
internal abstract class TranscriptReader
{
    /// <summary>The reader of a way to write.</summary>
    public static TranscriptReader Of(CommandTranscript transcript) => transcript switch
    {
        CommandTranscript.Srt => new SrtReader(),
        CommandTranscript.Pocketsphinx => new PocketsphinxReader(),
        _ => throw new ArgumentOutOfRangeException(nameof(transcript), transcript, "Transcripts of this kind have no reader."),
    };

    /// <summary>Takes in a line.</summary>
    /// <returns>The segment that it completes, or null.</returns>
    public abstract Segment? Read(string line);

    /// <summary>Takes in the last line, which has no end.</summary>
    /// <returns>The last segment, or null.</returns>
    public Segment? End(string line) => Read(line) is { } segment ? segment : Read("");

    /// <summary>A time in milliseconds; what is beyond the number's range is its end.</summary>
    protected static uint Milliseconds(double seconds) => (uint)Math.Clamp(Math.Round(seconds * 1000), 0, uint.MaxValue);
}
