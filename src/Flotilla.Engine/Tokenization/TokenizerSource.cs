namespace Flotilla.Engine.Tokenization;

/// <summary>The tokenizer part of a model file's metadata, names as in the file (<c>tokenizer.ggml.*</c>). Untrusted.</summary>
public sealed record TokenizerSource
{
    /// <summary><c>tokenizer.ggml.model</c>: <c>gpt2</c> (byte-level BPE), <c>llama</c> (SentencePiece BPE),
    /// <c>bert</c> (WordPiece) or <c>t5</c> (SentencePiece unigram).</summary>
    public required string Model { get; init; }

    /// <summary><c>tokenizer.ggml.pre</c>: how text is cut before merging; null if the file does not say.</summary>
    public string? Pre { get; init; }

    /// <summary><c>tokenizer.ggml.tokens</c>: the token texts by id.</summary>
    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary><c>tokenizer.ggml.token_type</c> by id (1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte), or null: all normal.</summary>
    public IReadOnlyList<int>? TokenTypes { get; init; }

    /// <summary><c>tokenizer.ggml.merges</c>: pairs separated by a space, best first.</summary>
    public IReadOnlyList<string> Merges { get; init; } = [];

    /// <summary><c>tokenizer.ggml.scores</c> by id (SentencePiece), or null.</summary>
    public IReadOnlyList<float>? Scores { get; init; }

    /// <summary><c>bos_token_id</c>.</summary>
    public int? Bos { get; init; }

    /// <summary><c>eos_token_id</c>.</summary>
    public int? Eos { get; init; }

    /// <summary><c>eot_token_id</c>: end of turn.</summary>
    public int? Eot { get; init; }

    /// <summary><c>eom_token_id</c>: end of message.</summary>
    public int? Eom { get; init; }

    /// <summary><c>unknown_token_id</c>.</summary>
    public int? Unk { get; init; }

    /// <summary><c>seperator_token_id</c>: between two texts.</summary>
    public int? Sep { get; init; }

    /// <summary><c>padding_token_id</c>.</summary>
    public int? Pad { get; init; }

    /// <summary><c>add_bos_token</c>; null = the tokenizer's own habit.</summary>
    public bool? AddBos { get; init; }

    /// <summary><c>add_eos_token</c>, behind a whole text; null = the tokenizer's own habit.</summary>
    public bool? AddEos { get; init; }

    /// <summary><c>add_sep_token</c>, between two texts; null = the tokenizer's own habit.</summary>
    public bool? AddSep { get; init; }

    /// <summary><c>add_space_prefix</c> (SentencePiece); null = the tokenizer's own habit.</summary>
    public bool? AddSpacePrefix { get; init; }

    /// <summary><c>remove_extra_whitespaces</c> (unigram); null = false.</summary>
    public bool? RemoveExtraSpaces { get; init; }

    /// <summary><c>precompiled_charsmap</c> (unigram): what characters become, in SentencePiece's own form, or null.</summary>
    public byte[]? CharacterMap { get; init; }

    /// <summary><c>normalizer.lowercase</c> (WordPiece); null = true.</summary>
    public bool? Lowercase { get; init; }

    /// <summary><c>normalizer.strip_accents</c> (WordPiece); null = as <see cref="Lowercase"/>.</summary>
    public bool? StripAccents { get; init; }
}
