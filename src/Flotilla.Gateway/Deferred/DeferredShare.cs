namespace Flotilla.Gateway.Deferred;

/// <summary>What of one namespace waits for a model, in the order in which it goes: by priority, then by age.</summary>
/// <remarks>A sorted list: places are found in log n, and the few thousand references of a namespace that allows itself everything move in microseconds.</remarks>
/// <param name="owner">The namespace.</param>
internal sealed class DeferredShare(string owner)
{
    private readonly List<DeferredEntry> _entries = [];

    /// <summary>The namespace.</summary>
    public string Owner => owner;

    /// <summary>Never empty in a lane.</summary>
    public IReadOnlyList<DeferredEntry> Entries => _entries;

    /// <summary>Until when nothing of it is sent: it has just been refused for a limit of its own.</summary>
    public DateTimeOffset PausedUntil { get; set; }

    /// <summary>The first that may be sent now; null where all wait for what they were refused for.</summary>
    public DeferredEntry? Next(DateTimeOffset now) => _entries.Find(entry => entry.PausedUntil <= now);

    /// <summary>Ends the pause of the first that has one still.</summary>
    public void Wake(DateTimeOffset now)
    {
        if (_entries.Find(entry => entry.PausedUntil > now) is { } paused)
            paused.PausedUntil = default;
    }

    /// <summary>One more waits.</summary>
    public void Add(DeferredEntry entry) => _entries.Insert(~_entries.BinarySearch(entry), entry);

    /// <summary>How many of its own go before an entry; negative where that does not wait here.</summary>
    public int PlaceOf(DeferredEntry entry) => _entries.BinarySearch(entry);

    /// <summary>Takes one out that waits.</summary>
    public void RemoveAt(int place) => _entries.RemoveAt(place);
}
