using System.Collections.Concurrent;
using System.Threading.Channels;
using Flotilla.Testing;

namespace Flotilla.Gateway.Tests.Nodes;

/// <summary>A manual clock that tells when somebody began to wait, so that a test moves it neither too early nor too far.</summary>
internal sealed class WatchedTimeProvider : TimeProvider
{
    private readonly ManualTimeProvider _clock = new();
    private readonly ConcurrentDictionary<TimeSpan, TaskCompletionSource> _waits = new();
    private readonly Channel<TimeSpan> _set = Channel.CreateUnbounded<TimeSpan>();

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow();

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = _clock.CreateTimer(callback, state, dueTime, period);
        Wait(dueTime).TrySetResult();
        _set.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Ends when a timer of this length was set, now or before.</summary>
    public Task WhenSetAsync(TimeSpan dueTime) => Wait(dueTime).Task.WaitAsync(TestContext.Current.CancellationToken);

    /// <summary>Ends when a timer of about this length was set, now or since this was asked before.</summary>
    public async Task WhenSetAsync(TimeSpan from, TimeSpan to)
    {
        for (var dueTime = TimeSpan.MinValue; dueTime < from || dueTime > to;)
            dueTime = await _set.Reader.ReadAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Moves the clock, and waits until somebody who begins to wait for as long again has seen it.</summary>
    public async Task PassAsync(TimeSpan by)
    {
        while (_set.Reader.TryRead(out _))
        {
        }

        _clock.Advance(by);
        await WhenSetAsync(by, by);
    }

    public void Advance(TimeSpan by) => _clock.Advance(by);

    private TaskCompletionSource Wait(TimeSpan dueTime) =>
        _waits.GetOrAdd(dueTime, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
