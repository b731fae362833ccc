using System.Collections.ObjectModel;

namespace Flotilla.Engine;

/// <summary>How the next token is drawn; applied in the order in which docs/numerics.md lists the steps.</summary>
public sealed record SamplingOptions
{
    /// <summary>Divides the logits; 0 takes the greatest logit. At most 100.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Keeps the likeliest tokens that together reach this probability; 1 keeps all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Keeps this many of the likeliest tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Drops tokens less likely than this share of the likeliest one's probability; 0 drops none.</summary>
    public float MinP { get; init; }

    /// <summary>Taken once from the logit of every token generated so far; −2 to 2.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Taken from a token's logit once per time it was generated; −2 to 2.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Divides positive and multiplies negative logits of tokens in prompt and completion; 1 does nothing.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Added to the logits of single tokens.</summary>
    public IReadOnlyDictionary<int, float> LogitBias { get; init; } = ReadOnlyDictionary<int, float>.Empty;

    /// <summary>The key of the random numbers: the same request with the same seed gives the same tokens.</summary>
    public ulong Seed { get; init; }

    /// <summary>Which of several completions of one request this is; part of the random numbers' key.</summary>
    public int Choice { get; init; }
}
