using System.Collections.Concurrent;
using Flotilla.Testing;

namespace Flotilla.Gateway.Tests.Nodes;

/// <summary>A manual clock that tells when somebody began to wait, so that a test moves it neither too early nor too far.</summary>
internal sealed class WatchedTimeProvider : TimeProvider
{
    private readonly ManualTimeProvider _clock = new();
    private readonly ConcurrentDictionary<TimeSpan, TaskCompletionSource> _waits = new();

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow();

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = _clock.CreateTimer(callback, state, dueTime, period);
        Wait(dueTime).TrySetResult();
        return timer;
    }

    /// <summary>Ends when a timer of this length was set, now or before.</summary>
    public Task WhenSetAsync(TimeSpan dueTime) => Wait(dueTime).Task.WaitAsync(TestContext.Current.CancellationToken);

    public void Advance(TimeSpan by) => _clock.Advance(by);

    private TaskCompletionSource Wait(TimeSpan dueTime) =>
        _waits.GetOrAdd(dueTime, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
