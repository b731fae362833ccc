namespace Flotilla.Gateway.Limits;

/// <summary>A token bucket of one minute's worth: what was taken flows back evenly. Not thread-safe; its <see cref="Allowance"/> locks.</summary>
internal sealed class Bucket(long perMinute, TimeProvider time)
{
    private double _taken;
    private long _stamp = time.GetTimestamp();

    /// <summary>How much a minute allows; 0: no limit.</summary>
    public long Limit { get; private set; } = perMinute;

    /// <summary>What can be taken now.</summary>
    public long Remaining
    {
        get
        {
            FlowBack();
            return Math.Max(0, (long)(Limit - _taken));
        }
    }

    /// <summary>Time until it is full again.</summary>
    public TimeSpan Reset
    {
        get
        {
            FlowBack();
            return Limit == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(_taken / Limit);
        }
    }

    /// <summary>Takes an amount; one beyond the limit counts as the limit, or it could never pass.</summary>
    /// <returns>Zero when it was taken; otherwise how long to wait for it, and nothing was taken.</returns>
    public TimeSpan Take(long amount)
    {
        if (Limit == 0)
            return TimeSpan.Zero;
        FlowBack();
        amount = Math.Min(amount, Limit);
        var over = _taken + amount - Limit;
        if (over > 0)
            return TimeSpan.FromMinutes(over / Limit);
        _taken += amount;
        return TimeSpan.Zero;
    }

    /// <summary>Replaces what was taken at first by what was really used; more than was taken leaves a debt.</summary>
    public void Correct(long taken, long used)
    {
        if (Limit == 0)
            return;
        FlowBack();
        _taken = Math.Max(0, _taken - Math.Min(taken, Limit) + used);
    }

    /// <summary>Allows another amount from now on; what was taken stays taken.</summary>
    public void Change(long perMinute)
    {
        FlowBack();
        // More than the new minute's worth would keep its owner out for longer than a minute.
        _taken = Math.Min(_taken, perMinute);
        Limit = perMinute;
    }

    private void FlowBack()
    {
        var now = time.GetTimestamp();
        _taken = Math.Max(0, _taken - (time.GetElapsedTime(_stamp, now).TotalMinutes * Limit));
        _stamp = now;
    }
}
