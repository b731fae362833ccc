namespace Flotilla.Gateway.Stages;

/// <summary>How long one request waits: a token that fires when the client leaves or a wait takes too long.</summary>
internal sealed class Patience : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;
    private readonly CancellationToken _aborted;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly TimeSpan _total;

    public Patience(TimeSpan first, TimeSpan total, TimeProvider time, CancellationToken aborted)
    {
        _aborted = aborted;
        _time = time;
        _total = total;
        _started = time.GetTimestamp();
        _source = new CancellationTokenSource(first, time);
        _registration = aborted.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _source);
    }

    /// <summary>Fires at the end of patience.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether it fired because the client left.</summary>
    public bool ClientLeft => _aborted.IsCancellationRequested;

    /// <summary>What is left of the job's whole time.</summary>
    public TimeSpan Left
    {
        get
        {
            var left = _total - _time.GetElapsedTime(_started);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Whether the last wait is, or was, for the node; else it is for the client to read.</summary>
    public bool ForNode { get; private set; } = true;

    /// <summary>Begins a new wait of at most this long, within what is left.</summary>
    /// <param name="wait">How long.</param>
    /// <param name="forNode">See <see cref="ForNode"/>.</param>
    public void Allow(TimeSpan wait, bool forNode)
    {
        ForNode = forNode;
        var left = Left;
        _source.CancelAfter(wait < left ? wait : left);
    }

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
