namespace Flotilla.Engine.Gguf;

/// <summary>A model file is malformed; the message says what was wrong, the value and the limit.</summary>
public sealed class GgufException : Exception
{
    internal GgufException(GgufError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>What was wrong.</summary>
    public GgufError Error { get; }
}
