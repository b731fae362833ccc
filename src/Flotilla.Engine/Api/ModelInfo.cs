namespace Flotilla.Engine;

/// <summary>What the engine knows of the model that it has loaded; fixed for the engine's life.</summary>
public sealed record ModelInfo
{
    /// <summary>The file's own name for the model, or the file name without its ending.</summary>
    public required string Name { get; init; }

    /// <summary>The architecture as GGUF names it, such as <c>llama</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The longest sequence, prompt and completion together, in tokens.</summary>
    public required int ContextTokensMax { get; init; }

    /// <summary>How many token ids there are: 0 to this, exclusive.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The width of a hidden state and of an embedding.</summary>
    public required int EmbeddingLength { get; init; }

    /// <summary>How many layers the model has.</summary>
    public required int LayerCount { get; init; }

    /// <summary>How many weights the file holds.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Bytes of the file, or of all parts of a split model together.</summary>
    public required long FileBytes { get; init; }

    /// <summary>
    /// Bytes, as the file has them, of the weights that one token is computed with: without what is only looked up, and of the
    /// experts of a layer as many as one token is given to.
    /// </summary>
    public required long TokenWeightBytes { get; init; }

    /// <summary>SHA-256 of the very bytes that were loaded, 64 lower-case hexadecimal digits; of a split model, of the parts' digests in order.</summary>
    public required string FileDigest { get; init; }

    /// <summary>SHA-256 over the tokenizer's metadata, 64 lower-case hexadecimal digits.</summary>
    public required string TokenizerDigest { get; init; }

    /// <summary>SHA-256 of the chat template's text, 64 lower-case hexadecimal digits; empty when the file has none.</summary>
    public required string TemplateDigest { get; init; }

    /// <summary>The version of the numerics contract (docs/numerics.md): how token ids become tokens, logits, log probabilities and traces.</summary>
    public string NumericsId { get; init; } = "flotilla-numerics-1";

    /// <summary>Whether the model continues texts; an encoder, or one made to judge pairs, does not.</summary>
    public bool CanGenerate { get; init; } = true;

    /// <summary>Whether the model turns texts into vectors.</summary>
    public bool CanEmbed { get; init; } = true;

    /// <summary>Whether the model judges how well documents answer a query.</summary>
    public bool CanRank { get; init; }

    /// <summary>The lengths that embeddings can have, ascending: the file's <c>matryoshka_dimensions</c>, and <see cref="EmbeddingLength"/>.</summary>
    public required IReadOnlyList<int> EmbeddingDimensions { get; init; }

    /// <summary>Whether chat messages can be rendered.</summary>
    public required bool HasChatTemplate { get; init; }

    /// <summary>Whether the chat template takes tools.</summary>
    public required bool SupportsTools { get; init; }

    /// <summary>Whether the chat template has a place for how much the model shall think.</summary>
    public required bool TakesReasoningEffort { get; init; }

    /// <summary>Whether calls of tools can be demanded, counted and held to their schemas: true where the template asks for them in a way that the engine knows.</summary>
    public required bool HoldsToolCalls { get; init; }
}
