using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Models;

/// <summary>All weights of a model.</summary>
internal sealed record TransformerWeights
{
    /// <summary>(vocabulary, width)</summary>
    public required WeightMatrix Embedding { get; init; }

    public required IReadOnlyList<LayerWeights> Layers { get; init; }

    /// <summary>(width); null where an encoder's last layer has it.</summary>
    public float[]? OutputNorm { get; init; }

    /// <summary>What else an encoder has; null for a decoder.</summary>
    public EncoderWeights? Encoder { get; init; }

    /// <summary>The head that judges pairs; null where the model does not.</summary>
    public RankWeights? Rank { get; init; }

    /// <summary>(vocabulary, width); the embedding itself where the file ties them.</summary>
    public required WeightMatrix Output { get; init; }

    /// <summary>(rotary length / 2): what the rotation's frequencies are divided by; null for 1 (Llama 3 has others).</summary>
    public float[]? RopeFactors { get; init; }

    /// <summary>Number of weights in the file.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Bytes of the file that one token is computed with: see <see cref="ModelInfo.TokenWeightBytes"/>.</summary>
    public required long TokenBytes { get; init; }
}
