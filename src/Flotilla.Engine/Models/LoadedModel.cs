using System.Security.Cryptography;
using System.Text;
using Flotilla.Engine.Chat;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Templates;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Models;

/// <summary>Everything that a model file holds, checked and in owned memory.</summary>
internal sealed record LoadedModel
{
    public required ModelConfig Config { get; init; }

    public required TransformerWeights Weights { get; init; }

    public required ITokenizer Tokenizer { get; init; }

    /// <summary>Renders conversations; null where the file has no template, or none that can be read.</summary>
    public PromptBuilder? Prompts { get; init; }

    /// <summary>Why <see cref="Prompts"/> is null.</summary>
    public string NoPromptsReason { get; init; } = "";

    /// <summary>How the model writes calls of tools; null where that is not known.</summary>
    public ToolCallFormat? ToolCalls { get; init; }

    /// <summary>How query and document are put together to be judged; null where the tokenizer knows.</summary>
    public RankTemplate? RankTemplate { get; init; }

    public required ModelInfo Info { get; init; }

    /// <summary>Reads a file, or the parts of a split one, from front to back, once.</summary>
    /// <exception cref="GgufException">The file is malformed.</exception>
    /// <exception cref="ModelNotSupportedException">The file is well-formed, but asks for something that the engine does not have.</exception>
    public static LoadedModel Load(string path, int contextTokensMax, IProgress<LoadProgress>? progress, CancellationToken cancellation)
    {
        using var parts = GgufParts.Open(path, progress, cancellation);
        var metadata = parts.Metadata;
        var config = ModelConfigReader.Read(metadata);
        var tokenizerSource = TokenizerMetadata.Read(metadata);
        var tokenizer = MakeTokenizer(tokenizerSource);
        var (template, reason) = ReadTemplate(metadata);
        var rankTemplate = config.Pooling == Pooling.Rank && metadata.StringOrNull(RankTemplateKey) is { } rank ? new RankTemplate(RankTemplateKey, rank) : null;
        var weights = new WeightLoader(parts.Files, config).Load();
        return new LoadedModel
        {
            Config = config,
            Weights = weights,
            Tokenizer = tokenizer,
            Prompts = template is null ? null : new PromptBuilder(template, tokenizer),
            NoPromptsReason = reason,
            ToolCalls = template?.ToolCalls,
            RankTemplate = rankTemplate,
            Info = new ModelInfo
            {
                Name = metadata.StringOrNull("general.name") is { Length: > 0 } name ? name : parts.Name,
                Architecture = config.Architecture.Name,
                ContextTokensMax = contextTokensMax == 0 ? config.ContextTokensMax : Math.Min(contextTokensMax, config.ContextTokensMax),
                VocabularySize = config.Vocabulary,
                EmbeddingLength = config.Width,
                LayerCount = config.Layers,
                ParameterCount = weights.ParameterCount,
                FileBytes = parts.Bytes,
                TokenWeightBytes = weights.TokenBytes,
                FileDigest = parts.Finish(),
                TokenizerDigest = TokenizerMetadata.Digest(tokenizerSource),
                TemplateDigest = metadata.StringOrNull(TemplateKey) is { } text
                    ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))
                    : "",
                CanGenerate = !config.Architecture.IsEncoder && config.Pooling != Pooling.Rank,
                CanEmbed = config.Pooling is not (Pooling.None or Pooling.Rank),
                CanRank = config.Pooling == Pooling.Rank,
                EmbeddingDimensions = config.Dimensions,
                HasChatTemplate = template is not null,
                SupportsTools = template?.MentionsTools ?? false,
                TakesReasoningEffort = template?.TakesEffort ?? false,
                HoldsToolCalls = template?.ToolCalls is not null,
            },
        };
    }

    private const string TemplateKey = "tokenizer.chat_template";
    private const string RankTemplateKey = TemplateKey + ".rerank";

    private static ITokenizer MakeTokenizer(TokenizerSource source)
    {
        try
        {
            return Tokenizers.Create(source);
        }
        catch (TokenizerException exception) when (exception.Error is TokenizerError.UnknownModel or TokenizerError.UnknownPreTokenizer)
        {
            throw new ModelNotSupportedException(exception.Message.TrimEnd('.'));
        }
        catch (TokenizerException exception)
        {
            throw new GgufException(GgufError.BadTokenizer, exception.Message, exception);
        }
    }

    /// <summary>A template that cannot be read does not make the model useless: it still completes plain text, and says why it cannot chat.</summary>
    private static (ChatTemplate? Template, string Reason) ReadTemplate(GgufMetadata metadata)
    {
        if (metadata.StringOrNull(TemplateKey) is not { } text)
            return (null, "The model file has no chat template; send a prompt instead of messages.");
        try
        {
            return (ChatTemplate.Parse(text), "");
        }
        catch (TemplateException exception)
        {
            return (null, $"The model's chat template cannot be read: {exception.Message}");
        }
    }
}
