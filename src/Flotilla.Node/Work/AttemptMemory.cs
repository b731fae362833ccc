namespace Flotilla.Node.Work;

/// <summary>The latest attempts that one gateway gave: a second statement about the same attempt is never signed.</summary>
internal sealed class AttemptMemory(int capacity)
{
    private readonly HashSet<(string Job, uint Attempt)> _known = [];
    private readonly Queue<(string Job, uint Attempt)> _order = new();

    /// <summary>Remembers an attempt, and forgets the oldest where there are too many. One caller at a time.</summary>
    /// <returns>False where it was known.</returns>
    public bool TryAdd(string job, uint attempt)
    {
        if (!_known.Add((job, attempt)))
            return false;
        _order.Enqueue((job, attempt));
        if (_order.Count > capacity)
            _known.Remove(_order.Dequeue());
        return true;
    }
}
