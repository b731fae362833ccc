namespace Flotilla.Protocol.Anthropic;

/// <summary>What a block of an answer is.</summary>
internal enum BlockKind
{
    /// <summary>Text for the reader.</summary>
    Text,

    /// <summary>What the model thought.</summary>
    Thinking,

    /// <summary>A call of a tool.</summary>
    ToolUse,
}
