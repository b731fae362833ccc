using Flotilla.Engine.Cache;

namespace Flotilla.Engine.Models;

/// <summary>
/// The tokens of one step, of any number of sequences: some bring a chunk of their prompt, others one token. A sequence's
/// tokens stand together and in order. Reused from step to step.
/// </summary>
internal sealed class StepBatch(int tokensMax)
{
    private readonly int[] _tokens = new int[tokensMax];
    private readonly int[] _positions = new int[tokensMax];
    private readonly SequenceCache[] _caches = new SequenceCache[tokensMax];
    private readonly List<int> _outputs = new(tokensMax);

    /// <summary>Tokens that a step can take.</summary>
    public int TokensMax => tokensMax;

    public int Count { get; private set; }

    /// <summary>The tokens' ids.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    /// <summary>The tokens' positions in their sequences.</summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, Count);

    /// <summary>Tokens, by their place in the batch, whose final hidden state is wanted: first those whose logits are wanted too.</summary>
    public IReadOnlyList<int> Outputs => _outputs;

    /// <summary>How many of <see cref="Outputs"/> want logits.</summary>
    public int LogitCount { get; private set; }

    public SequenceCache CacheOf(int token) => _caches[token];

    public void Clear()
    {
        Array.Clear(_caches, 0, Count);
        Count = LogitCount = 0;
        _outputs.Clear();
    }

    /// <summary>Adds a token and returns its place.</summary>
    public int Add(int token, int position, SequenceCache cache)
    {
        (_tokens[Count], _positions[Count], _caches[Count]) = (token, position, cache);
        return Count++;
    }

    /// <summary>Asks for logits of a token; returns their row. All such rows must be asked for before <see cref="WantHidden"/>.</summary>
    public int WantLogits(int token)
    {
        if (LogitCount != _outputs.Count)
            throw new InvalidOperationException("Rows with logits come before rows without.");
        LogitCount++;
        return WantHidden(token);
    }

    /// <summary>Asks for the final hidden state of a token; returns its row.</summary>
    public int WantHidden(int token)
    {
        _outputs.Add(token);
        return _outputs.Count - 1;
    }
}
