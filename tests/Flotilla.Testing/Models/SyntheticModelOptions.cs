namespace Flotilla.Testing.Models;

/// <summary>The shape of a synthetic model; the default loads in milliseconds.</summary>
public sealed record SyntheticModelOptions
{
    public string Architecture { get; init; } = "qwen3";

    public WeightType Weights { get; init; } = WeightType.Q8_0;

    public int Width { get; init; } = 64;

    public int Layers { get; init; } = 4;

    public int Heads { get; init; } = 4;

    public int KvHeads { get; init; } = 2;

    public int HeadLength { get; init; } = 32;

    public int FeedForward { get; init; } = 96;

    /// <summary>Whether it reads texts and writes none.</summary>
    public bool IsEncoder => Architecture is "bert" or "nomic-bert";

    /// <summary>Types of tokens that an encoder tells apart.</summary>
    public int TokenTypes { get; init; } = 2;

    /// <summary>Whether it judges pairs.</summary>
    public bool HasRankHead => Extra.TryGetValue("pooling_type", out var pooling) && pooling is 4;

    /// <summary>Length of all query heads together.</summary>
    public int QueryLength => Heads * HeadLength;

    /// <summary>Length of all key or value heads together.</summary>
    public int KvLength => KvHeads * HeadLength;

    public int Context { get; init; } = 256;

    /// <summary>Experts of a layer, of which a token takes two; 0 for a feed-forward half that is one; null for what the architecture has.</summary>
    public int? Experts { get; init; }

    /// <summary>Experts of a layer, or 0.</summary>
    public int ExpertCount => Experts ?? (Architecture == "qwen3moe" ? 6 : 0);

    /// <summary>Positions that local layers look back, of architectures that have such layers.</summary>
    public int Window { get; init; } = 24;

    /// <summary>Whether the file has factors for each angle of the rotation, as those of Llama 3.1 and of Phi's long contexts have.</summary>
    public bool HasRotationFactors { get; init; }

    /// <summary>Metadata beside the usual, such as a stretched rotation.</summary>
    public IReadOnlyDictionary<string, object> Extra { get; init; } = new Dictionary<string, object>();

    /// <summary>The vocabulary, of <see cref="Vocabulary"/> tokens; null for one of bytes and merges of two letters.</summary>
    public SyntheticTokenizer? Tokenizer { get; init; }

    /// <summary>Tokens; of the usual vocabulary at least 300, at most 2000.</summary>
    public int Vocabulary { get; init; } = 500;

    /// <summary>Whether the embedding is also the output matrix.</summary>
    public bool Tied { get; init; } = true;

    public ulong Seed { get; init; } = 1;

    /// <summary>Multiplies the matrices' usual spread.</summary>
    public float Spread { get; init; } = 1;

    /// <summary>The chat template, or null for a file without one.</summary>
    public string? ChatTemplate { get; init; } = SyntheticModel.ChatMl;

    /// <summary>The default shape, or one whose rows are whole blocks of a type that has blocks of 256 columns.</summary>
    public static SyntheticModelOptions For(WeightType weights) => WeightEncoder.BlockOf(weights).Columns == 256
        ? new() { Weights = weights, Width = 256, HeadLength = 64, FeedForward = 256 }
        : new() { Weights = weights };

    /// <summary>An encoder of the default shape, or one whose rows are whole blocks of the type.</summary>
    public static SyntheticModelOptions Encoder(WeightType weights, string architecture = "bert")
    {
        var shape = For(weights);
        return shape with { Architecture = architecture, HeadLength = shape.Width / shape.Heads, KvHeads = shape.Heads };
    }

    /// <summary>A shape whose weights come from memory for every token, in any type.</summary>
    public static SyntheticModelOptions LargerThanCaches(WeightType weights) => new()
    {
        Weights = weights, Width = 1024, Layers = 12, Heads = 16, KvHeads = 8, HeadLength = 64, FeedForward = 3072, Vocabulary = 1210, Context = 2048,
    };

    /// <summary>The shape of the demonstration model.</summary>
    public static SyntheticModelOptions DemoShape { get; } = new()
    {
        Width = 256, Layers = 6, Heads = 4, KvHeads = 2, HeadLength = 64, FeedForward = 640, Vocabulary = 1210, Context = 2048,
    };
}
