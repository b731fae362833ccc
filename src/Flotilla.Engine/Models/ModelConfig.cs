namespace Flotilla.Engine.Models;

/// <summary>A model's hyper-parameters, checked: none is zero, none beyond its limit, and they agree with each other.</summary>
internal sealed record ModelConfig
{
    public required string Architecture { get; init; }

    /// <summary>Tokens in the vocabulary.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Length of a hidden state.</summary>
    public required int Width { get; init; }

    public required int Layers { get; init; }

    /// <summary>Length of the feed-forward layer's inner state.</summary>
    public required int FeedForward { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads; a divisor of <see cref="Heads"/>.</summary>
    public required int KvHeads { get; init; }

    public required int HeadLength { get; init; }

    /// <summary>How many elements of a head are turned by the position; even, at most <see cref="HeadLength"/>.</summary>
    public required int RotaryLength { get; init; }

    public required float RopeBase { get; init; }

    /// <summary>Positions are divided by this before they become angles.</summary>
    public required float RopeFactor { get; init; }

    public required float Epsilon { get; init; }

    public required int ContextTokensMax { get; init; }

    /// <summary>Queries and keys of a head are normalised (qwen3).</summary>
    public required bool HasHeadNorms { get; init; }

    /// <summary>The file pairs elements 2i and 2i + 1 for rotation (llama), not i and i + n/2.</summary>
    public required bool HasAdjacentPairs { get; init; }

    /// <summary>Length of all query heads together.</summary>
    public int QueryLength => Heads * HeadLength;

    /// <summary>Length of all key or value heads together.</summary>
    public int KvLength => KvHeads * HeadLength;
}
