using Flotilla.Engine.Templates;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Scheduling;

/// <summary>Turns texts that are to be read, not continued, into checked token ids, on their caller's thread.</summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="model">What the model can.</param>
/// <param name="rankTemplate">How query and document are put together; null where the tokenizer knows.</param>
internal sealed class ReadingPlanner(ITokenizer tokenizer, ModelInfo model, RankTemplate? rankTemplate)
{
    /// <summary>The tokens of a text to be embedded.</summary>
    /// <exception cref="GenerationRejectedException">It cannot be.</exception>
    public int[] Embedding(string text)
    {
        CheckLength(text.Length);
        return Embedding(tokenizer.EncodeWhole(text));
    }

    /// <summary>The same tokens, if they can be embedded.</summary>
    /// <exception cref="GenerationRejectedException">They cannot be.</exception>
    public int[] Embedding(IReadOnlyList<int> tokens)
    {
        if (!model.CanEmbed)
        {
            throw new GenerationRejectedException(GenerationRejection.WrongKind, $"The model {model.Name} makes no vectors of texts: its file says " + (model.CanRank
                ? "pooling_type 4 (rank), so it judges how well documents answer a query."
                : "pooling_type 0 (none), so each token has a vector of its own and the text has none."));
        }

        return Checked(tokens);
    }

    /// <summary>How many values an embedding shall have.</summary>
    /// <param name="dimensions">As asked for; 0 for all.</param>
    /// <exception cref="GenerationRejectedException">The model has none of that length.</exception>
    public int Dimensions(int dimensions)
    {
        if (dimensions == 0)
            return model.EmbeddingLength;
        return model.EmbeddingDimensions.Contains(dimensions) ? dimensions : throw new GenerationRejectedException(
            GenerationRejection.OptionOutOfRange,
            $"dimensions is {dimensions}; this model's embeddings have {string.Join(", ", model.EmbeddingDimensions)}.");
    }

    /// <summary>The tokens of a query and a document, and where the second begins.</summary>
    /// <exception cref="GenerationRejectedException">The model judges no pairs, or they are too long for it.</exception>
    public (int[] Tokens, int Second) Pair(string query, string document)
    {
        if (!model.CanRank)
            throw new GenerationRejectedException(GenerationRejection.WrongKind, $"The model {model.Name} judges no pairs: its file does not say pooling_type 4 (rank).");
        CheckLength((long)query.Length + document.Length);
        var (tokens, second) = rankTemplate is null ? tokenizer.EncodePair(query, document) : Filled(rankTemplate, query, document);
        return (Checked(tokens), second);
    }

    /// <summary>What query and document say becomes no control token; the template's own text does.</summary>
    private (int[] Tokens, int Second) Filled(RankTemplate template, string query, string document)
    {
        var (text, foreign) = template.Fill(query, document);
        var tokens = tokenizer.EncodePrompt(text, foreign, addBos: false);
        return (tokens, tokens.Length);
    }

    /// <summary>Refuses what no tokens of the context could say, before a tokenizer takes memory for each byte of it.</summary>
    private void CheckLength(long chars)
    {
        if (chars > (long)model.ContextTokensMax * tokenizer.TokenCharsMax)
        {
            throw new GenerationRejectedException(
                GenerationRejection.ContextLengthExceeded,
                $"The input has {chars} characters; the context holds {model.ContextTokensMax} tokens, of at most {tokenizer.TokenCharsMax} characters.",
                0,
                model.ContextTokensMax);
        }
    }

    private int[] Checked(IReadOnlyList<int> tokens)
    {
        RequestRules.CheckTokens(tokens, "input", tokenizer.VocabularySize);
        if (tokens.Count == 0)
            throw new GenerationRejectedException(GenerationRejection.EmptyPrompt, "The input has no token.");
        return tokens.Count <= model.ContextTokensMax ? [.. tokens] : throw new GenerationRejectedException(
            GenerationRejection.ContextLengthExceeded, $"The input has {tokens.Count} tokens; the context holds {model.ContextTokensMax}.", tokens.Count, model.ContextTokensMax);
    }
}
