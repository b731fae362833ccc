namespace Flotilla.Protocol.Receipts;

/// <summary>What a piece of a job's output is; the numbers are part of the receipt format.</summary>
public enum OutputKind
{
    /// <summary>Nothing yet.</summary>
    None = 0,

    /// <summary>The answer's text.</summary>
    Text = 1,

    /// <summary>Text of the model's reasoning.</summary>
    Reasoning = 2,

    /// <summary>The name of a tool that is called.</summary>
    ToolName = 3,

    /// <summary>The arguments of a tool call, JSON text.</summary>
    ToolArguments = 4,

    /// <summary>An embedding: its values as the link has them.</summary>
    Vector = 5,

    /// <summary>A document's relevance: a float32, little-endian.</summary>
    Score = 6,

    /// <summary>A moderation: a byte that is 1 where the text was flagged, the categories as 32 bits, then the scores as float32, all little-endian.</summary>
    Verdict = 7,

    /// <summary>Bytes of a sound or a picture.</summary>
    Media = 8,

    /// <summary>A segment of a transcript: its times in milliseconds and its text.</summary>
    Segment = 9,

    /// <summary>A word of a segment, likewise.</summary>
    Word = 10,
}
