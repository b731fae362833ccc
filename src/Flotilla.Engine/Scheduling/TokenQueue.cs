using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Flotilla.Engine.Scheduling;

/// <summary>
/// Tokens on their way from the engine's loop to the one caller who reads them. All memory is taken at the start: the loop's thread
/// allocates nothing for a token, whoever reads it makes text of it.
/// </summary>
internal sealed class TokenQueue
{
    private readonly Lock _lock = new();

    // A sequence pauses once more than EventsUnreadMax are unread; the step before that may have brought these and its guesses.
    private readonly TokenOutput[] _tokens = new TokenOutput[EngineLimits.EventsUnreadMax + EngineLimits.GuessesMax + 2];
    private readonly Channel<bool> _arrived = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentQueue<PromptTokens> _prompt = new();
    private int _first;
    private int _count;

    /// <summary>Tokens that nobody has read yet.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds a token. By the loop only.</summary>
    public void Add(in TokenOutput token)
    {
        lock (_lock)
        {
            if (_count == _tokens.Length)
                throw new InvalidOperationException($"{_count} tokens are unread; the sequence should have paused.");
            _tokens[(_first + _count++) % _tokens.Length] = token;
        }

        _arrived.Writer.TryWrite(true);
    }

    /// <summary>Tells something of the prompt, before any token. By the loop only; this allocates.</summary>
    public void Tell(PromptTokens tokens)
    {
        _prompt.Enqueue(tokens);
        _arrived.Writer.TryWrite(true);
    }

    /// <summary>No token follows.</summary>
    /// <param name="failure">What the reader is to meet behind the last token; null where all is well.</param>
    public void Complete(Exception? failure = null) => _arrived.Writer.TryComplete(failure);

    /// <summary>Waits until there may be something to take; false once all is taken and nothing will follow.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => _arrived.Reader.WaitToReadAsync(cancellation);

    /// <summary>Takes what was told of the prompt. Whoever has taken a token finds here all that was told before it.</summary>
    public bool TryTakePrompt([NotNullWhen(true)] out PromptTokens? tokens) => _prompt.TryDequeue(out tokens);

    /// <summary>Takes the first token. Whoever gets none may wait.</summary>
    public bool TryTake(out TokenOutput token)
    {
        // First the news, then the tokens: what comes in between brings news of its own.
        _arrived.Reader.TryRead(out _);
        lock (_lock)
        {
            if (_count == 0)
            {
                token = default;
                return false;
            }

            token = _tokens[_first];
            _tokens[_first] = default;
            _first = (_first + 1) % _tokens.Length;
            _count--;
            return true;
        }
    }
}
