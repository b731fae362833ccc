namespace Flotilla.Gateway.Deferred;

/// <summary>A request that waits or runs. Changed by the queue alone, under its lock.</summary>
internal sealed class DeferredEntry(DeferredRow row, bool survived) : IComparable<DeferredEntry>
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>As it is stored.</summary>
    public DeferredRow Row { get; set; } = row;

    /// <summary>Whether an earlier process took it in: that one may have begun it.</summary>
    public bool Survived { get; } = survived;

    /// <summary>When it began; null while it waits.</summary>
    public DateTimeOffset? Started { get; set; }

    /// <summary>Of its last refusal, when to come again.</summary>
    public TimeSpan RetryAfter { get; set; }

    /// <summary>Until when it is not sent: it has just been refused.</summary>
    public DateTimeOffset PausedUntil { get; set; }

    /// <summary>Fires when its client wants no answer any more, or the gateway stops.</summary>
    public CancellationTokenSource Stop { get; } = new();

    /// <summary>Whether its client wants no answer any more.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>Ends when its answer is stored, or nobody waits for that any more.</summary>
    public Task Ended => _ended.Task;

    public void End() => _ended.TrySetResult();

    /// <summary>By priority, then by age; ids begin with the time.</summary>
    public int CompareTo(DeferredEntry? other)
    {
        if (other is null)
            return 1;
        var byPriority = Row.Priority.CompareTo(other.Row.Priority);
        return byPriority != 0 ? byPriority : string.CompareOrdinal(Row.Id, other.Row.Id);
    }
}
