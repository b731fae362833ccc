namespace Flotilla.Gateway.Deferred;

/// <summary>The requests that wait for one model, in the order in which they go.</summary>
internal sealed class DeferredLane
{
    private long _nextDueMs = long.MaxValue;

    /// <summary>They wait.</summary>
    public SortedSet<DeferredEntry> Waiting { get; } = [];

    /// <summary>Until when nobody is sent: the fleet has just refused one.</summary>
    public DateTimeOffset PausedUntil { get; private set; }

    /// <summary>How long a run took lately, in seconds; 0 before the first.</summary>
    public double SecondsPerRun { get; private set; }

    /// <summary>How many run.</summary>
    public int Running { get; set; }

    /// <summary>One more waits.</summary>
    public void Add(DeferredEntry entry)
    {
        Waiting.Add(entry);
        _nextDueMs = Math.Min(_nextDueMs, entry.Row.ExpiresMs);
    }

    /// <summary>One that was sent waits again, and the others for a moment with it.</summary>
    public void Return(DeferredEntry entry, DateTimeOffset pausedUntil)
    {
        entry.Started = null;
        PausedUntil = pausedUntil;
        Add(entry);
    }

    /// <summary>Those whose time is over.</summary>
    public IReadOnlyList<DeferredEntry> Due(DateTimeOffset now)
    {
        var ms = now.ToUnixTimeMilliseconds();
        if (_nextDueMs > ms)
            return [];
        DeferredEntry[] due = [.. Waiting.Where(e => e.Row.ExpiresMs <= ms)];
        _nextDueMs = Waiting.Select(e => e.Row.ExpiresMs).Where(at => at > ms).DefaultIfEmpty(due.Length > 0 ? ms : long.MaxValue).Min();
        return due;
    }

    /// <summary>Takes in how long one took; the last few count most.</summary>
    public void Took(TimeSpan run)
    {
        const double Weight = 0.2;
        SecondsPerRun = SecondsPerRun == 0 ? run.TotalSeconds : (SecondsPerRun * (1 - Weight)) + (run.TotalSeconds * Weight);
    }
}
