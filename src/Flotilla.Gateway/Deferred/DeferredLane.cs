namespace Flotilla.Gateway.Deferred;

/// <summary>The requests that wait for one model. Namespaces take turns, whatever priority they give their own: nobody's urgency is before somebody else's.</summary>
internal sealed class DeferredLane
{
    // The one whose turn it is stands first.
    private readonly List<DeferredShare> _shares = [];
    private readonly Dictionary<string, DeferredShare> _byOwner = new(StringComparer.Ordinal);
    private long _nextDueMs = long.MaxValue;

    /// <summary>How many wait.</summary>
    public int Waiting { get; private set; }

    /// <summary>Until when nobody is sent: the fleet has just refused one.</summary>
    public DateTimeOffset PausedUntil { get; private set; }

    /// <summary>How long a run took lately, in seconds; 0 before the first.</summary>
    public double SecondsPerRun { get; private set; }

    /// <summary>How many run.</summary>
    public int Running { get; set; }

    /// <summary>One more waits.</summary>
    public void Add(DeferredEntry entry)
    {
        if (!_byOwner.TryGetValue(entry.Row.NamespaceId, out var share))
        {
            share = new DeferredShare(entry.Row.NamespaceId);
            _byOwner.Add(share.Owner, share);
            _shares.Add(share);
        }

        share.Add(entry);
        Waiting++;
        _nextDueMs = Math.Min(_nextDueMs, entry.Row.ExpiresMs);
    }

    /// <summary>The share that has the turn at a place, from 0; null behind the last.</summary>
    public DeferredShare? Turn(int place) => place < _shares.Count ? _shares[place] : null;

    /// <summary>Takes out one that is sent; its namespace's next turn comes after everybody else's.</summary>
    public void Take(DeferredEntry entry)
    {
        var share = _byOwner[entry.Row.NamespaceId];
        Remove(entry);
        if (_shares.Remove(share))
            _shares.Add(share);
    }

    /// <summary>Takes one out.</summary>
    /// <returns>Whether it waited here.</returns>
    public bool Remove(DeferredEntry entry)
    {
        if (!_byOwner.TryGetValue(entry.Row.NamespaceId, out var share) || share.PlaceOf(entry) is var place && place < 0)
            return false;
        share.RemoveAt(place);
        Waiting--;
        if (share.Entries.Count == 0)
        {
            _shares.Remove(share);
            _byOwner.Remove(share.Owner);
        }

        return true;
    }

    /// <summary>One that was sent waits again.</summary>
    /// <param name="entry">The request.</param>
    /// <param name="pausedUntil">Until when it waits at least.</param>
    /// <param name="scope">Who waits with it. Where everybody does, it has its turn back.</param>
    public void Return(DeferredEntry entry, DateTimeOffset pausedUntil, PauseScope scope)
    {
        entry.Started = null;
        Add(entry);
        var share = _byOwner[entry.Row.NamespaceId];
        switch (scope)
        {
            case PauseScope.Request:
                entry.PausedUntil = pausedUntil;
                break;
            case PauseScope.Namespace:
                share.PausedUntil = pausedUntil;
                break;
            default:
                PausedUntil = pausedUntil;
                _shares.Remove(share);
                _shares.Insert(0, share);
                break;
        }
    }

    /// <summary>How many go before one that waits, as long as nobody comes or goes: of every other namespace at most as many as of its own, and one more of those whose turn is earlier.</summary>
    /// <returns>Null where it does not wait here.</returns>
    public int? Before(DeferredEntry entry)
    {
        if (!_byOwner.TryGetValue(entry.Row.NamespaceId, out var own) || own.PlaceOf(entry) is var place && place < 0)
            return null;
        var before = place;
        var isEarlier = true;
        foreach (var share in _shares)
        {
            if (share == own)
                isEarlier = false;
            else
                before += Math.Min(share.Entries.Count, isEarlier ? place + 1 : place);
        }

        return before;
    }

    /// <summary>Those whose time is over.</summary>
    public IReadOnlyList<DeferredEntry> Due(DateTimeOffset now)
    {
        var ms = now.ToUnixTimeMilliseconds();
        if (_nextDueMs > ms)
            return [];
        DeferredEntry[] waiting = [.. _shares.SelectMany(s => s.Entries)];
        DeferredEntry[] due = [.. waiting.Where(e => e.Row.ExpiresMs <= ms)];
        // One that is due may find no place for its last try: it is due again.
        _nextDueMs = due.Length > 0 ? ms : waiting.Select(e => e.Row.ExpiresMs).DefaultIfEmpty(long.MaxValue).Min();
        return due;
    }

    /// <summary>One was answered: takes in how long it took, of which the last few count most, and lets one of its namespace that was refused try whether it left room.</summary>
    public void Took(DeferredEntry entry, TimeSpan run, DateTimeOffset now)
    {
        _byOwner.GetValueOrDefault(entry.Row.NamespaceId)?.Wake(now);
        const double Weight = 0.2;
        SecondsPerRun = SecondsPerRun == 0 ? run.TotalSeconds : (SecondsPerRun * (1 - Weight)) + (run.TotalSeconds * Weight);
    }
}
