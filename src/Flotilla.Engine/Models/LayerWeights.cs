using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Models;

/// <summary>The weights of one layer; shapes are (outputs, inputs).</summary>
internal sealed record LayerWeights
{
    /// <summary>(width), for what goes into attention; null where an encoder has it behind.</summary>
    public float[]? AttentionNorm { get; init; }

    /// <summary>(heads · head length, width)</summary>
    public required WeightMatrix Query { get; init; }

    /// <summary>(key-value heads · head length, width)</summary>
    public required WeightMatrix Key { get; init; }

    /// <summary>(key-value heads · head length, width)</summary>
    public required WeightMatrix Value { get; init; }

    /// <summary>(width, heads · head length)</summary>
    public required WeightMatrix AttentionOutput { get; init; }

    /// <summary>(head length), or null where the architecture has none.</summary>
    public float[]? QueryNorm { get; init; }

    /// <summary>(head length), or null where the architecture has none.</summary>
    public float[]? KeyNorm { get; init; }

    /// <summary>(heads · head length), or null where the architecture has none.</summary>
    public float[]? QueryBias { get; init; }

    /// <summary>(key-value heads · head length), or null where the architecture has none.</summary>
    public float[]? KeyBias { get; init; }

    /// <summary>(key-value heads · head length), or null where the architecture has none.</summary>
    public float[]? ValueBias { get; init; }

    /// <summary>(width), added to what attention adds; null where the architecture has none.</summary>
    public float[]? AttentionOutputBias { get; init; }

    /// <summary>For the hidden state with what attention has added; null but for encoders.</summary>
    public CentredNorm? AttendedNorm { get; init; }

    /// <summary>For the hidden state with what the feed-forward half has added; null but for encoders.</summary>
    public CentredNorm? LayerNorm { get; init; }

    /// <summary>(width), for what attention adds; null where the architecture has none.</summary>
    public float[]? AfterAttentionNorm { get; init; }

    /// <summary>(width), for what the feed-forward half adds; null where the architecture has none.</summary>
    public float[]? AfterFeedForwardNorm { get; init; }

    /// <summary>(width), for what goes into the feed-forward half; null where an encoder has it behind.</summary>
    public float[]? FeedForwardNorm { get; init; }

    /// <summary>(width), added to what the feed-forward half adds; null where the architecture has none.</summary>
    public float[]? FeedForwardOutputBias { get; init; }

    /// <summary>The feed-forward half; null where it is one of experts.</summary>
    public FeedForwardWeights? FeedForward { get; init; }

    /// <summary>The feed-forward half of experts; null where it is one.</summary>
    public ExpertWeights? Experts { get; init; }
}
