using Flotilla.Engine.Cache;

namespace Flotilla.Engine.Models;

/// <summary>
/// The tokens of one step, of any number of sequences: some bring a chunk of their prompt, others one token. A sequence's
/// tokens stand together and in order. Reused from step to step.
/// </summary>
internal sealed class StepBatch(int tokensMax)
{
    // An encoder's text may be longer than a step is meant to be.
    private int[] _tokens = new int[tokensMax];
    private int[] _positions = new int[tokensMax];
    private int[] _seen = new int[tokensMax];
    private int[] _types = new int[tokensMax];
    private SequenceCache[] _caches = new SequenceCache[tokensMax];
    private readonly List<int> _outputs = new(tokensMax);

    /// <summary>Tokens that a step takes, but for a text that can only be computed whole.</summary>
    public int TokensMax => tokensMax;

    public int Count { get; private set; }

    /// <summary>The tokens' ids.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    /// <summary>The tokens' positions in their sequences.</summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, Count);

    /// <summary>For each token, how many positions of its sequence it sees, from the first on.</summary>
    public ReadOnlySpan<int> Seen => _seen.AsSpan(0, Count);

    /// <summary>The tokens' types, of models that tell some apart.</summary>
    public ReadOnlySpan<int> Types => _types.AsSpan(0, Count);

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

    /// <summary>Adds a token that sees those before it, and returns its place.</summary>
    public int Add(int token, int position, SequenceCache cache) => Add(token, position, cache, seen: position + 1, type: 0);

    /// <summary>Adds a token and returns its place.</summary>
    public int Add(int token, int position, SequenceCache cache, int seen, int type)
    {
        if (Count == _tokens.Length)
        {
            Array.Resize(ref _tokens, Count * 2);
            Array.Resize(ref _positions, Count * 2);
            Array.Resize(ref _seen, Count * 2);
            Array.Resize(ref _types, Count * 2);
            Array.Resize(ref _caches, Count * 2);
        }

        (_tokens[Count], _positions[Count], _caches[Count], _seen[Count], _types[Count]) = (token, position, cache, seen, type);
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
