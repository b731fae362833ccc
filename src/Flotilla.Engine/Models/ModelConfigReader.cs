using System.Numerics;
using Flotilla.Engine.Gguf;

namespace Flotilla.Engine.Models;

/// <summary>Reads the hyper-parameters from metadata. What the engine cannot do is refused by name, never ignored.</summary>
internal static class ModelConfigReader
{
    /// <summary>Hidden states, heads and feed-forward layers come in multiples of the kernels' 16 lanes.</summary>
    private const int LengthMultiple = 16;

    public static ModelConfig Read(GgufMetadata metadata)
    {
        var architecture = Architecture.Of(metadata.String("general.architecture"));
        var a = architecture.Name + ".";
        RefuseUnsupported(metadata, a, architecture);
        var width = Length(metadata, a + "embedding_length", EngineLimits.EmbeddingLengthMax);
        var heads = metadata.Int32(a + "attention.head_count", 1, EngineLimits.HeadsMax);
        var kvHeads = metadata.Int32(a + "attention.head_count_kv", 1, EngineLimits.HeadsMax, heads);
        if (heads % kvHeads != 0)
            throw new GgufException(GgufError.BadParameter, $"{a}attention.head_count {heads} is no multiple of {a}attention.head_count_kv {kvHeads}.");
        var headLength = HeadLength(metadata, a, width, heads);
        var rotary = metadata.Int32(a + "rope.dimension_count", 2, headLength, headLength);
        if (rotary % 2 != 0)
            throw new GgufException(GgufError.BadParameter, $"{a}rope.dimension_count is {rotary}, which is odd.");
        var experts = architecture.MayHaveExperts ? metadata.Int32(a + "expert_count", 0, EngineLimits.ExpertsMax, 0) : 0;
        var feedForward = Length(metadata, a + "feed_forward_length", EngineLimits.FeedForwardLengthMax);
        var layers = metadata.Int32(a + "block_count", 1, EngineLimits.LayersMax);
        return CheckWholeTexts(new ModelConfig
        {
            Architecture = architecture,
            Vocabulary = Vocabulary(metadata, a),
            Width = width,
            Layers = layers,
            FeedForward = feedForward,
            Experts = experts,
            ExpertsUsed = experts == 0 ? 0 : metadata.Int32(a + "expert_used_count", 1, experts),
            ExpertFeedForward = metadata.Has(a + "expert_feed_forward_length") ? Length(metadata, a + "expert_feed_forward_length", EngineLimits.FeedForwardLengthMax) : feedForward,
            Heads = heads,
            KvHeads = kvHeads,
            HeadLength = headLength,
            RotaryLength = architecture.HasPositions ? 0 : rotary,
            RopeBase = Positive(metadata, a + "rope.freq_base", 10_000f),
            RopeFactor = RopeFactor(metadata, a),
            RopeStretch = Stretch(metadata, a),
            LocalRopeBase = Positive(metadata, a + "rope.freq_base_swa", 10_000f),
            Epsilon = Positive(metadata, a + (architecture.IsEncoder ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon"), null),
            ContextTokensMax = Context(metadata, a, architecture),
            Window = metadata.Int32(a + "attention.sliding_window", 0, int.MaxValue, 0),
            ScoreScale = layers == architecture.LayersOfLargest ? 1f / MathF.Sqrt(width / heads) : Scale(metadata, a + "attention.scale", architecture, 1f / MathF.Sqrt(headLength)),
            ScoreCap = Cap(metadata, a + "attn_logit_softcapping"),
            LogitCap = Cap(metadata, a + "final_logit_softcapping"),
            EmbeddingScale = architecture.ScalesEmbedding ? MathF.Sqrt(width) : Scale(metadata, a + "embedding_scale", architecture, 1),
            ResidualScale = Scale(metadata, a + "residual_scale", architecture, 1),
            LogitScale = 1f / Scale(metadata, a + "logit_scale", architecture, 1),
            Pooling = (Pooling)metadata.Int32(a + "pooling_type", 0, (int)Pooling.Rank, (int)Pooling.Mean),
            TokenTypes = architecture.IsEncoder ? metadata.Int32("tokenizer.ggml.token_type_count", 0, EngineLimits.TokenTypesMax, 0) : 0,
            Labels = Labels(metadata, a + "classifier.output_labels"),
            Dimensions = Dimensions(metadata, a + "matryoshka_dimensions", width),
        });
    }

    private static float Scale(GgufMetadata metadata, string key, Architecture architecture, float usual) =>
        architecture.HasScales ? Positive(metadata, key, usual) : usual;

    private static float Cap(GgufMetadata metadata, string key)
    {
        var cap = metadata.Single(key, 0f);
        return cap >= 0 && float.IsFinite(cap) ? cap : throw new GgufException(GgufError.BadParameter, $"{key} is {cap}; a positive number is needed, or 0 for none.");
    }

    /// <summary>
    /// Models with factors for short and for long texts use the first here, whatever the text's length: so a token's state never depends on
    /// how much follows it. Beyond the context that those were made for such a model is not used.
    /// </summary>
    private static int Context(GgufMetadata metadata, string a, Architecture architecture)
    {
        var context = metadata.Int32(a + "context_length", 1, architecture.IsEncoder ? EngineLimits.EncoderTokensMax : EngineLimits.ContextTokensMax);
        return architecture.HasJoinedGate ? Math.Min(context, metadata.Int32(a + "rope.scaling.original_context_length", 1, EngineLimits.ContextTokensMax, context)) : context;
    }

    /// <summary>The states of a text that is computed whole lie side by side.</summary>
    private static ModelConfig CheckWholeTexts(ModelConfig config)
    {
        var longest = Math.Max(config.InnerLength, Math.Max(config.Width, config.QueryLength));
        if (config.Architecture.IsEncoder && (long)BitOperations.RoundUpToPowerOf2((uint)config.ContextTokensMax) * longest > EngineLimits.EncoderStatesMax)
        {
            throw new ModelNotSupportedException(
                $"an encoder of {config.ContextTokensMax} tokens with states of up to {longest} values; together {EngineLimits.EncoderStatesMax} are allowed");
        }

        return config;
    }

    private static int Labels(GgufMetadata metadata, string key)
    {
        var labels = metadata.StringsOrNull(key)?.Count ?? 1;
        return labels is > 0 and <= EngineLimits.LabelsMax
            ? labels
            : throw new GgufException(GgufError.BadParameter, $"{key} has {labels} elements; 1 to {EngineLimits.LabelsMax} are allowed.");
    }

    private static int[] Dimensions(GgufMetadata metadata, string key, int width)
    {
        var declared = metadata.Int32sOrNull(key) ?? [];
        var wrong = Array.FindIndex(declared, length => length < 1 || length > width);
        return wrong >= 0
            ? throw new GgufException(GgufError.BadParameter, $"{key} has {declared[wrong]}; an embedding of this model has {width} values.")
            : [.. declared.Append(width).Distinct().Order()];
    }

    private static void RefuseUnsupported(GgufMetadata metadata, string a, Architecture architecture)
    {
        if (metadata.Int32(a + "expert_shared_count", 0, int.MaxValue, 0) != 0)
            throw new ModelNotSupportedException("experts that all tokens share");
        if (metadata.BooleanOrNull(a + "attention.causal") == architecture.IsEncoder)
            throw new ModelNotSupportedException($"attention that is {(architecture.IsEncoder ? "" : "not ")}causal in architecture {architecture.Name}");
        if (architecture.IsEncoder && metadata.Int32(a + "attention.sliding_window", 0, int.MaxValue, 0) != 0)
            throw new ModelNotSupportedException($"windows of attention in architecture {architecture.Name}");
        if (metadata.StringOrNull("general.type") is { } type && type != "model")
            throw new ModelNotSupportedException($"a file of type \"{type}\"");
    }

    private static int Vocabulary(GgufMetadata metadata, string a)
    {
        var tokens = metadata.StringsOrNull("tokenizer.ggml.tokens")?.Count
            ?? throw new GgufException(GgufError.MissingKey, "The metadata key tokenizer.ggml.tokens is missing: the file has no tokenizer.");
        var declared = metadata.Int32(a + "vocab_size", 1, EngineLimits.VocabularyMax, tokens);
        if (declared != tokens)
            throw new GgufException(GgufError.BadParameter, $"{a}vocab_size is {declared}, but the tokenizer has {tokens} tokens.");
        return tokens;
    }

    private static int HeadLength(GgufMetadata metadata, string a, int width, int heads)
    {
        const string why = "the kernels work on 16 lanes";
        if (!metadata.Has(a + "attention.key_length") && width % heads != 0)
            throw new GgufException(GgufError.BadParameter, $"{a}embedding_length {width} is no multiple of {a}attention.head_count {heads}.");
        var keys = metadata.Int32(a + "attention.key_length", 1, EngineLimits.HeadLengthMax, width / heads);
        if (metadata.Int32(a + "attention.value_length", 1, EngineLimits.HeadLengthMax, keys) is var values && values != keys)
            throw new ModelNotSupportedException($"value heads of length {values} beside key heads of length {keys}");
        if (keys > EngineLimits.HeadLengthMax)
            throw new GgufException(GgufError.BadParameter, $"Heads have length {keys}; the limit is {EngineLimits.HeadLengthMax}.");
        return keys % LengthMultiple == 0
            ? keys
            : throw new ModelNotSupportedException($"heads of length {keys}, no multiple of {LengthMultiple} ({why})");
    }

    private static int Length(GgufMetadata metadata, string key, int max)
    {
        var length = metadata.Int32(key, 1, max);
        return length % LengthMultiple == 0
            ? length
            : throw new ModelNotSupportedException($"{key} {length}, no multiple of {LengthMultiple}");
    }

    private static float Positive(GgufMetadata metadata, string key, float? fallback)
    {
        var value = metadata.Single(key, fallback);
        return value > 0 && float.IsFinite(value)
            ? value
            : throw new GgufException(GgufError.BadParameter, $"{key} is {value}; a positive number is needed.");
    }

    private static float RopeFactor(GgufMetadata metadata, string a) => metadata.StringOrNull(a + "rope.scaling.type") switch
    {
        null or "none" or "yarn" or "longrope" => 1f,
        "linear" => Positive(metadata, a + "rope.scaling.factor", 1f),
        var other => throw new ModelNotSupportedException($"rope scaling \"{other}\""),
    };

    private static RopeStretch? Stretch(GgufMetadata metadata, string a)
    {
        var magnitude = (double)Positive(metadata, a + "rope.scaling.attn_factor", 1f);
        if (metadata.StringOrNull(a + "rope.scaling.type") != "yarn")
            return magnitude == 1 ? null : new RopeStretch(1, 1, 0, 0, magnitude);
        var factor = Positive(metadata, a + "rope.scaling.factor", 1f);
        return new RopeStretch(
            factor,
            metadata.Int32(a + "rope.scaling.original_context_length", 1, EngineLimits.ContextTokensMax, metadata.Int32(a + "context_length", 1, EngineLimits.ContextTokensMax)),
            Positive(metadata, a + "rope.scaling.yarn_beta_fast", 32f),
            Positive(metadata, a + "rope.scaling.yarn_beta_slow", 1f),
            magnitude * (1 + (0.1 * Numerics.DeterministicMath.Log(factor))));
    }
}
