namespace Flotilla.Engine.Tokenization;

/// <summary>Makes tokenizers from a model file's metadata.</summary>
public static class Tokenizers
{
    /// <summary>Makes the tokenizer that the metadata describe.</summary>
    /// <exception cref="TokenizerException">The kind is unknown or the metadata are malformed.</exception>
    public static ITokenizer Create(TokenizerSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.Model switch
        {
            "gpt2" => new BpeTokenizer(source),
            "llama" => new SpmTokenizer(source),
            "bert" => new WordPieceTokenizer(source),
            "t5" => new UnigramTokenizer(source),
            _ => throw new TokenizerException(
                TokenizerError.UnknownModel,
                $"tokenizer.ggml.model is '{source.Model}'; this engine has 'gpt2' (byte-level BPE), 'llama' (SentencePiece BPE), 'bert' (WordPiece) and 't5' (unigram)."),
        };
    }
}
