using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>All open holds, by id and by deadline. For the writer thread, save <see cref="HasAny"/>.</summary>
/// <remarks>Deadlines live in memory only: a hold never outlives its process (the next open resolves it), and a monotonic clock
/// can't be set back by whoever sets the wall clock.</remarks>
internal sealed class OpenHolds
{
    private const int CompactAboveCount = 1_024;
    private readonly Dictionary<string, OpenHold> _byId = [];
    private readonly List<(OpenHold Hold, bool Added)> _undo = [];
    private PriorityQueue<OpenHold, long> _byDeadline = new();
    private volatile bool _hasAny;

    /// <summary>Whether any hold was open after the last durable batch; for any thread.</summary>
    public bool HasAny => _hasAny;

    public OpenHold? Find(TransferId id) => _byId.GetValueOrDefault(id.Value);

    public IReadOnlyCollection<OpenHold> All => _byId.Values;

    public void Add(OpenHold hold)
    {
        Insert(hold);
        _undo.Add((hold, true));
    }

    public void Remove(OpenHold hold)
    {
        _byId.Remove(hold.Id.Value);
        _undo.Add((hold, false));
    }

    /// <summary>The holds whose time is over, earliest first.</summary>
    public IEnumerable<OpenHold> Due(long nowTicks)
    {
        while (_byDeadline.TryPeek(out var hold, out var deadline) && deadline <= nowTicks)
        {
            if (ReferenceEquals(Find(hold.Id), hold))
                yield return hold;
            _byDeadline.Dequeue();
        }
    }

    /// <summary>Whether <see cref="Due"/> would answer any.</summary>
    public bool AnyDue(long nowTicks)
    {
        while (_byDeadline.TryPeek(out var hold, out var deadline) && deadline <= nowTicks)
        {
            if (ReferenceEquals(Find(hold.Id), hold))
                return true;
            _byDeadline.Dequeue();
        }

        return false;
    }

    public void Commit()
    {
        _undo.Clear();
        _hasAny = _byId.Count > 0;
        // Settled holds stay in the queue until their deadline; without this, a day's timeouts would pile up a day's jobs.
        if (_byDeadline.Count > CompactAboveCount + (2 * _byId.Count))
            _byDeadline = new(_byId.Values.Select(hold => (hold, hold.DeadlineTicks)));
    }

    public void Rollback()
    {
        for (var i = _undo.Count - 1; i >= 0; i--)
        {
            var (hold, added) = _undo[i];
            if (added)
                _byId.Remove(hold.Id.Value);
            else
                Insert(hold);
        }

        _undo.Clear();
    }

    private void Insert(OpenHold hold)
    {
        _byId.Add(hold.Id.Value, hold);
        _byDeadline.Enqueue(hold, hold.DeadlineTicks);
    }
}
