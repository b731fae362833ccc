namespace Flotilla.Engine.Chat;

/// <summary>A piece of the answer, in the order in which the model wrote it.</summary>
/// <param name="CallIndex">-1 for text; else the tool call, counted from 0, to which the piece belongs.</param>
/// <param name="Name">The tool's name in a call's first piece, else null.</param>
/// <param name="Text">The text, or a fragment of the call's arguments as JSON text.</param>
internal readonly record struct OutputPiece(int CallIndex, string? Name, string Text)
{
    /// <summary>Whether the piece is text of the answer rather than part of a tool call.</summary>
    public bool IsText => CallIndex < 0;
}
