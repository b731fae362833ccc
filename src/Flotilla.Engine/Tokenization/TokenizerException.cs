namespace Flotilla.Engine.Tokenization;

/// <summary>A model file's tokenizer metadata can't be used; the message names the key and the value.</summary>
public sealed class TokenizerException : Exception
{
    /// <summary>Makes one.</summary>
    public TokenizerException(TokenizerError error, string message)
        : base(message) => Error = error;

    /// <summary>What kind of failure.</summary>
    public TokenizerError Error { get; }
}
