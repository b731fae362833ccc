using System.Threading.Channels;
using Flotilla.Engine.Sampling;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Scheduling;

/// <summary>
/// Tokens of prompt and completion on their way from the engine's loop to the one caller who reads them. All memory is taken at the start: the
/// loop's thread allocates nothing for a token, whoever reads it makes lists and text of it.
/// </summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="topMax">Alternatives of a token, at most.</param>
internal sealed class TokenQueue(ITokenizer tokenizer, int topMax)
{
    // A sequence pauses once more than EventsUnreadMax are unread; the step before that may have brought these and its guesses, or the prompt's
    // last tokens and the first drawn.
    private const int Capacity = EngineLimits.EventsUnreadMax + EngineLimits.PromptLogitsMax + 1;

    private readonly Told[] _tokens = new Told[Capacity];
    private readonly LikelyToken[] _tops = new LikelyToken[Capacity * topMax];
    private readonly Channel<bool> _arrived = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    // Only the loop writes the first, only the reader the second.
    private long _added;
    private long _taken;

    /// <summary>Tokens that nobody has read yet.</summary>
    public int Count
    {
        get
        {
            var taken = Volatile.Read(ref _taken);
            return (int)(Volatile.Read(ref _added) - taken);
        }
    }

    /// <summary>Adds a token of which nothing more was asked for. By the loop only.</summary>
    public void Add(int id) => Add(new Told(id, 0, 0, -1), []);

    /// <summary>Adds a token with its log probability, its rank, or 0, and what else might have stood there. By the loop only.</summary>
    public void Add(int id, float logprob, int rank, ReadOnlySpan<LikelyToken> top) => Add(new Told(id, logprob, rank, top.Length), top);

    /// <summary>No token follows.</summary>
    /// <param name="failure">What the reader is to meet behind the last token; null where all is well.</param>
    public void Complete(Exception? failure = null) => _arrived.Writer.TryComplete(failure);

    /// <summary>Waits until there may be something to take; false once all is taken and nothing will follow.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => _arrived.Reader.WaitToReadAsync(cancellation);

    /// <summary>Takes the first token. Whoever gets none may wait.</summary>
    public bool TryTake(out TokenOutput token)
    {
        // First the news, then the tokens: what comes in between brings news of its own.
        _arrived.Reader.TryRead(out _);
        token = default;
        if (Count == 0)
            return false;
        var place = (int)(_taken % Capacity);
        var told = _tokens[place];
        token = new TokenOutput(told.Id, tokenizer.BytesOf(told.Id), told.Logprob, told.Tops < 0 ? null : Named(_tops.AsSpan(place * topMax, told.Tops))) { Rank = told.Rank };
        Volatile.Write(ref _taken, _taken + 1);
        return true;
    }

    private void Add(in Told told, ReadOnlySpan<LikelyToken> top)
    {
        if (Count == Capacity)
            throw new InvalidOperationException($"{Capacity} tokens are unread; the sequence should have paused.");
        var place = (int)(_added % Capacity);
        _tokens[place] = told;
        top.CopyTo(_tops.AsSpan(place * topMax, topMax));
        Volatile.Write(ref _added, _added + 1);
        _arrived.Writer.TryWrite(true);
    }

    private TokenAlternative[] Named(ReadOnlySpan<LikelyToken> top)
    {
        var named = new TokenAlternative[top.Length];
        for (var index = 0; index < named.Length; index++)
            named[index] = new TokenAlternative(top[index].Id, tokenizer.BytesOf(top[index].Id), top[index].Logprob);
        return named;
    }

    /// <param name="Id">The token.</param>
    /// <param name="Logprob">Its log probability, or 0.</param>
    /// <param name="Rank">Its rank, or 0.</param>
    /// <param name="Tops">How many alternatives it has; -1 where none were asked for.</param>
    private readonly record struct Told(int Id, float Logprob, int Rank, int Tops);
}
