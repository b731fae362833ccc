using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Sampling;

/// <summary>
/// Memory that the samplers of all sequences share: the engine's loop samples one after another. All buffers hold
/// (vocabulary), rounded up to a multiple of 16.
/// </summary>
internal sealed class SamplingScratch(int vocabulary)
{
    /// <summary>Tokens in the vocabulary.</summary>
    public int Vocabulary => vocabulary;

    /// <summary>Logits after penalties and bias, filled up with −∞.</summary>
    public AlignedBuffer<float> Logits { get; } = new(RowGroups.PaddedRows(vocabulary));

    /// <summary>(logit − greatest logit) / temperature.</summary>
    public AlignedBuffer<float> Scaled { get; } = new(RowGroups.PaddedRows(vocabulary));

    /// <summary>Exponentials of the scaled logits.</summary>
    public AlignedBuffer<float> Weights { get; } = new(RowGroups.PaddedRows(vocabulary));

    /// <summary>Room for the likeliest tokens of one place, with as many as a request may ask for.</summary>
    public LikelyToken[] Likeliest { get; } = new LikelyToken[Math.Min(vocabulary, EngineLimits.TopLogprobsMax)];

    /// <summary>Candidates in their order, as far as they were needed.</summary>
    public CandidateList Candidates { get; } = new(vocabulary);
}
