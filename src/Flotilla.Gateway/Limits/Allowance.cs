namespace Flotilla.Gateway.Limits;

/// <summary>What one key or one namespace has used of its limits.</summary>
/// <param name="owner">For messages: <c>key</c> or <c>namespace</c>.</param>
/// <param name="limits">How much it may, until <see cref="Change"/>.</param>
/// <param name="time">The clock.</param>
internal sealed class Allowance(string owner, RateLimits limits, TimeProvider time)
{
    private static readonly TimeSpan ConcurrencyWait = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly Bucket _requests = new(limits.RequestsPerMinute, time);
    private readonly Bucket _tokens = new(limits.TokensPerMinute, time);
    private volatile RateLimits _limits = limits;
    private long _running;

    /// <summary>Allows another amount from now on, where it is another.</summary>
    public void Change(RateLimits limits)
    {
        if (ReferenceEquals(_limits, limits))
            return;
        lock (_lock)
        {
            _limits = limits;
            _requests.Change(limits.RequestsPerMinute);
            _tokens.Change(limits.TokensPerMinute);
        }
    }

    /// <summary>Lets one request in; null where it may run, and then <see cref="Leave"/> follows.</summary>
    public Shortage? Enter()
    {
        lock (_lock)
        {
            if (_limits.Concurrency > 0 && _running >= _limits.Concurrency)
                return new Shortage(owner, _limits.Concurrency, "requests at the same time", ConcurrencyWait);
            if (_requests.Take(1) is var wait && wait > TimeSpan.Zero)
                return new Shortage(owner, _limits.RequestsPerMinute, "requests per minute", wait);
            _running++;
            return null;
        }
    }

    /// <summary>Takes tokens; null where they were taken.</summary>
    public Shortage? Take(long tokens)
    {
        lock (_lock)
            return _tokens.Take(tokens) is var wait && wait > TimeSpan.Zero ? new Shortage(owner, _limits.TokensPerMinute, "tokens per minute", wait) : null;
    }

    /// <summary>Replaces tokens that were taken by those that were used.</summary>
    public void Correct(long taken, long used)
    {
        lock (_lock)
            _tokens.Correct(taken, used);
    }

    /// <summary>A request that was let in is over.</summary>
    /// <param name="uncounted">It never began: it does not count against the minute.</param>
    public void Leave(bool uncounted = false)
    {
        lock (_lock)
        {
            _running--;
            if (uncounted)
                _requests.Correct(1, 0);
        }
    }

    /// <summary>How the requests of this minute stand.</summary>
    public Level Requests()
    {
        lock (_lock)
            return new Level(_requests.Limit, _requests.Remaining, _requests.Reset);
    }

    /// <summary>How the tokens of this minute stand.</summary>
    public Level Tokens()
    {
        lock (_lock)
            return new Level(_tokens.Limit, _tokens.Remaining, _tokens.Reset);
    }
}
