namespace Flotilla.Gateway.Tests.Requests;

/// <summary>The system's clock, which tells when somebody begins to wait: what nobody announces is known by the pause that follows it.</summary>
internal sealed class ListeningClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<(TimeSpan DueTime, TaskCompletionSource Set)> _waiters = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_lock)
        {
            foreach (var (_, set) in _waiters.Where(w => w.DueTime == dueTime))
                set.TrySetResult();
            _waiters.RemoveAll(w => w.DueTime == dueTime);
        }

        return timer;
    }

    /// <summary>Ends when the next timer of this length is set.</summary>
    public Task WhenSetAsync(TimeSpan dueTime)
    {
        var set = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
            _waiters.Add((dueTime, set));
        return set.Task.WaitAsync(TestContext.Current.CancellationToken);
    }
}
