namespace Flotilla.Gateway.Nodes;

/// <summary>The attempts that one session was given: those that run, and the last that ran. Safe from any thread.</summary>
internal sealed class AttemptTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Job, uint Attempt), JobAttempt> _live = [];
    private readonly Dictionary<(string Job, uint Attempt), int> _lateBytes = [];
    private readonly Queue<(string Job, uint Attempt)> _ended = [];
    private volatile int _count;
    private bool _isClosed;

    /// <summary>Attempts that run.</summary>
    public int Count => _count;

    /// <summary>Takes in an attempt.</summary>
    /// <returns>False when the table is closed.</returns>
    /// <exception cref="ArgumentException">The session was given this attempt before.</exception>
    public bool Add(JobAttempt attempt)
    {
        lock (_lock)
        {
            if (_isClosed)
                return false;
            if (_lateBytes.ContainsKey(attempt.Key))
                throw new ArgumentException($"{attempt.Job} attempt {attempt.Number} was given to this session before.", nameof(attempt));
            _live.Add(attempt.Key, attempt);
            _count = _live.Count;
            return true;
        }
    }

    /// <summary>The running attempt of that name, or null.</summary>
    public JobAttempt? Find(string job, uint attempt)
    {
        lock (_lock)
            return _live.GetValueOrDefault((job, attempt));
    }

    /// <summary>Marks an attempt as over.</summary>
    public void End(JobAttempt attempt)
    {
        lock (_lock)
        {
            if (!_live.Remove(attempt.Key))
                return;
            _count = _live.Count;
            _lateBytes[attempt.Key] = 0;
            _ended.Enqueue(attempt.Key);
            if (_ended.Count > NodeLimits.EndedAttemptsMax)
                _lateBytes.Remove(_ended.Dequeue());
        }
    }

    /// <summary>Counts a frame for an attempt that does not run.</summary>
    /// <returns>False when no such attempt ran here lately, or more came for it than can have been on the way.</returns>
    public bool IsLate(string job, uint attempt, int bytes)
    {
        lock (_lock)
        {
            if (!_lateBytes.TryGetValue((job, attempt), out var late) || late + bytes > NodeLimits.LateBytesMax)
                return false;
            _lateBytes[(job, attempt)] = late + bytes;
            return true;
        }
    }

    /// <summary>The attempts that run now.</summary>
    public JobAttempt[] Live()
    {
        lock (_lock)
            return [.. _live.Values];
    }

    /// <summary>Takes no more attempts, and forgets the running ones.</summary>
    public JobAttempt[] Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            JobAttempt[] live = [.. _live.Values];
            _live.Clear();
            _count = 0;
            return live;
        }
    }
}
