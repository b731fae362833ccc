using System.Collections.Frozen;

namespace Flotilla.Engine.Models;

/// <summary>What an architecture's name says about a model that its file does not say again. GGUF's names.</summary>
internal sealed record Architecture
{
    private static readonly FrozenDictionary<string, Architecture> s_known = new Architecture[]
    {
        new() { Name = "llama", HasAdjacentPairs = true, MayHaveExperts = true },
        new() { Name = "qwen2", HasInputBiases = true },
        new() { Name = "qwen3", HasHeadNorms = true },
        new() { Name = "qwen3moe", HasHeadNorms = true, MayHaveExperts = true },
        new() { Name = "gemma2", HasPostNorms = true, Activation = Activation.Gelu, ScalesEmbedding = true, GlobalEvery = 2, LayersOfLargest = 46 },
        new() { Name = "gemma3", HasHeadNorms = true, HasPostNorms = true, Activation = Activation.Gelu, ScalesEmbedding = true, GlobalEvery = 6, LayersOfLargest = 62, HasLocalRotation = true },
        new() { Name = "phi3", HasJoinedInputs = true, HasJoinedGate = true },
        new() { Name = "granite", HasAdjacentPairs = true, HasScales = true },
        new() { Name = "bert", IsEncoder = true, HasPositions = true, HasInputBiases = true, HasOutputBiases = true, IsUngated = true, Activation = Activation.Gelu },
        new() { Name = "nomic-bert", IsEncoder = true, HasJoinedInputs = true },
    }.ToFrozenDictionary(a => a.Name);

    /// <summary>As in <c>general.architecture</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Reads whole texts: each token sees all others, and what a half of a layer adds is normalised, round its mean, together with what it is added to.</summary>
    public bool IsEncoder { get; init; }

    /// <summary>A position is a vector that is added to the embedding, not a rotation.</summary>
    public bool HasPositions { get; init; }

    /// <summary>The file pairs elements 2i and 2i + 1 for rotation, not i and i + n/2.</summary>
    public bool HasAdjacentPairs { get; init; }

    /// <summary>Queries and keys of a head are normalised.</summary>
    public bool HasHeadNorms { get; init; }

    /// <summary>Queries, keys and values have biases.</summary>
    public bool HasInputBiases { get; init; }

    /// <summary>So have what attention adds and both products of the feed-forward half.</summary>
    public bool HasOutputBiases { get; init; }

    /// <summary>The feed-forward half has no gate: what comes in goes up, through the activation, and down.</summary>
    public bool IsUngated { get; init; }

    /// <summary>What a half of a layer adds is normalised before it is added.</summary>
    public bool HasPostNorms { get; init; }

    /// <summary>Queries, keys and values come from one matrix.</summary>
    public bool HasJoinedInputs { get; init; }

    /// <summary>Gate and up come from one matrix, and rotation has factors for short and for long texts.</summary>
    public bool HasJoinedGate { get; init; }

    /// <summary>The feed-forward half may be one of experts, as the file says.</summary>
    public bool MayHaveExperts { get; init; }

    /// <summary>The file has factors for embedding, residuals, scores and logits.</summary>
    public bool HasScales { get; init; }

    /// <summary>Embeddings are multiplied by √width.</summary>
    public bool ScalesEmbedding { get; init; }

    /// <summary>Where layers look back a window only: each n-th looks back to the beginning; 0 where none does.</summary>
    public int GlobalEvery { get; init; }

    /// <summary>Layers that look back a window only have a rotation of their own.</summary>
    public bool HasLocalRotation { get; init; }

    /// <summary>The number of layers of that size of a family whose scores are scaled by width and heads, not by the head's length; 0 for none.</summary>
    public int LayersOfLargest { get; init; }

    /// <summary>What the gate goes through.</summary>
    public Activation Activation { get; init; }

    /// <summary>The names of all.</summary>
    public static string Names => string.Join(", ", s_known.Keys.Order());

    /// <summary>The architecture of a name.</summary>
    /// <exception cref="ModelNotSupportedException">There is none.</exception>
    public static Architecture Of(string name) => s_known.TryGetValue(name, out var known)
        ? known
        : throw new ModelNotSupportedException($"architecture \"{name}\"; this engine has {Names}");
}
