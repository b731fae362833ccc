namespace Flotilla.Engine.Models;

/// <summary>A model's hyper-parameters, checked: none is zero, none beyond its limit, and they agree with each other.</summary>
internal sealed record ModelConfig
{
    public required Architecture Architecture { get; init; }

    /// <summary>Tokens in the vocabulary.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Length of a hidden state.</summary>
    public required int Width { get; init; }

    public required int Layers { get; init; }

    /// <summary>Length of the feed-forward layer's inner state.</summary>
    public required int FeedForward { get; init; }

    /// <summary>Experts of a layer; 0 where the feed-forward half is one.</summary>
    public int Experts { get; init; }

    /// <summary>Experts that a token takes.</summary>
    public int ExpertsUsed { get; init; }

    /// <summary>Length of an expert's inner state.</summary>
    public int ExpertFeedForward { get; init; }

    /// <summary>Length of the inner state of what a token goes through.</summary>
    public int InnerLength => Experts > 0 ? ExpertFeedForward : FeedForward;

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

    /// <summary>How rotation is stretched to long contexts; null where <see cref="RopeFactor"/> says all.</summary>
    public RopeStretch? RopeStretch { get; init; }

    /// <summary>The base of the rotation in layers that look back a window only.</summary>
    public required float LocalRopeBase { get; init; }

    /// <summary>Positions that such layers look back, their own included; 0 where every layer looks back to the beginning.</summary>
    public required int Window { get; init; }

    /// <summary>Multiplies the scores of attention.</summary>
    public required float ScoreScale { get; init; }

    /// <summary>Bounds the scores of attention softly; 0 does not.</summary>
    public float ScoreCap { get; init; }

    /// <summary>Bounds the logits softly; 0 does not.</summary>
    public float LogitCap { get; init; }

    /// <summary>Multiplies embeddings.</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>Multiplies what a half of a layer adds.</summary>
    public float ResidualScale { get; init; } = 1;

    /// <summary>Multiplies logits.</summary>
    public float LogitScale { get; init; } = 1;

    /// <summary>What a text's hidden states become.</summary>
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>Kinds of tokens that an encoder tells apart; 0 where it tells none.</summary>
    public int TokenTypes { get; init; }

    /// <summary>Numbers that the head which judges pairs gives.</summary>
    public int Labels { get; init; } = 1;

    /// <summary>Lengths to which embeddings may be cut, ascending; with the whole one.</summary>
    public IReadOnlyList<int> Dimensions { get; init; } = [];

    /// <summary>Whether a layer looks back a window only.</summary>
    public bool IsLocal(int layer) => Window > 0 && (Architecture.GlobalEvery == 0 || layer % Architecture.GlobalEvery != Architecture.GlobalEvery - 1);

    /// <summary>Length of all query heads together.</summary>
    public int QueryLength => Heads * HeadLength;

    /// <summary>Length of all key or value heads together.</summary>
    public int KvLength => KvHeads * HeadLength;
}
