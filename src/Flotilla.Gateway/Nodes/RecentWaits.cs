namespace Flotilla.Gateway.Nodes;

/// <summary>The last times to a first token of one model.</summary>
internal sealed class RecentWaits
{
    private readonly Lock _lock = new();
    private readonly TimeSpan[] _waits = new TimeSpan[NodeLimits.WaitsKept];
    private long _count;

    /// <summary>Takes in one; the oldest goes.</summary>
    public void Add(TimeSpan wait)
    {
        lock (_lock)
            _waits[_count++ % _waits.Length] = wait;
    }

    /// <summary>The middle one, of two the shorter; null where there is none.</summary>
    public TimeSpan? Median()
    {
        TimeSpan[] waits;
        lock (_lock)
            waits = _waits[..(int)Math.Min(_count, _waits.Length)];
        if (waits.Length == 0)
            return null;
        Array.Sort(waits);
        return waits[(waits.Length - 1) / 2];
    }
}
