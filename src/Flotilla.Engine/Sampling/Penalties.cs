namespace Flotilla.Engine.Sampling;

/// <summary>What earlier tokens do to the logits, and the request's own bias. Steps 1 to 3 of the sampling contract.</summary>
internal sealed class Penalties
{
    private readonly SamplingOptions _options;
    private readonly HashSet<int> _seen = [];
    private readonly Dictionary<int, int> _generated = [];
    private readonly KeyValuePair<int, float>[] _bias;

    public Penalties(SamplingOptions options, ReadOnlySpan<int> prompt)
    {
        (_options, _bias) = (options, [.. options.LogitBias]);
        foreach (var token in options.RepetitionPenalty == 1 ? [] : prompt)
            _seen.Add(token);
    }

    private bool Counts => _options.PresencePenalty != 0 || _options.FrequencyPenalty != 0;

    /// <summary>Makes room for so many different tokens.</summary>
    public void Prepare(int tokens)
    {
        _seen.EnsureCapacity(_options.RepetitionPenalty != 1 ? tokens : 0);
        _generated.EnsureCapacity(Counts ? tokens : 0);
    }

    /// <summary>Counts a generated token.</summary>
    public void Add(int token)
    {
        if (_options.RepetitionPenalty != 1)
            _seen.Add(token);
        if (Counts)
            _generated[token] = _generated.GetValueOrDefault(token) + 1;
    }

    /// <summary>Changes the logits. No token's change depends on another's, so the order of the sets does not matter.</summary>
    public void Apply(Span<float> logits)
    {
        foreach (var token in _seen)
            logits[token] = logits[token] > 0 ? logits[token] / _options.RepetitionPenalty : logits[token] * _options.RepetitionPenalty;
        foreach (var (token, count) in _generated)
            logits[token] = logits[token] - (count * _options.FrequencyPenalty) - _options.PresencePenalty;
        foreach (var (token, bias) in _bias)
            logits[token] += bias;
    }
}
