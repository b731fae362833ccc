using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Sampling;

/// <summary>
/// Memory that the samplers of all sequences share: the engine's loop samples one after another. All buffers hold
/// (vocabulary), rounded up to a multiple of 16.
/// </summary>
/// <param name="vocabulary">Tokens in the vocabulary.</param>
/// <param name="ends">Those that end a generation.</param>
internal sealed class SamplingScratch(int vocabulary, params int[] ends)
{
    private readonly ulong[] _mask = new ulong[(vocabulary + 63) / 64];

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

    /// <summary>A mask without the tokens that end a generation; the mask itself where it has no others. Valid until the next call.</summary>
    /// <param name="allowed">One bit for each token; empty allows all.</param>
    public ReadOnlySpan<ulong> WithoutEnds(ReadOnlySpan<ulong> allowed)
    {
        if (allowed.IsEmpty)
            _mask.AsSpan().Fill(ulong.MaxValue);
        else
            allowed.CopyTo(_mask);
        foreach (var end in ends)
            _mask[end >> 6] &= ~(1UL << end);
        return _mask.AsSpan().ContainsAnyExcept(0UL) ? _mask : allowed;
    }
}
