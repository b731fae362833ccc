namespace Flotilla.Engine.Chat;

/// <summary>A piece of the answer, in the order in which the model wrote it.</summary>
/// <param name="CallIndex">-1 for text, -2 for what the model thinks before it; else the tool call, counted from 0, to which the piece belongs.</param>
/// <param name="Name">The tool's name in a call's first piece, else null.</param>
/// <param name="Text">The text, or a fragment of the call's arguments as JSON text.</param>
internal readonly record struct OutputPiece(int CallIndex, string? Name, string Text)
{
    /// <summary>The index of text.</summary>
    public const int Answer = -1;

    /// <summary>The index of thoughts.</summary>
    public const int Thought = -2;

    /// <summary>Whether the piece is text of the answer rather than part of a thought or a tool call.</summary>
    public bool IsText => CallIndex == Answer;
}
