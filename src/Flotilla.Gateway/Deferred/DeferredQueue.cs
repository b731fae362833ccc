using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Telemetry;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Deferred;

/// <summary>Requests that wait for a node, each model's in a lane of its own, and the loop that sends them when there is room.</summary>
internal sealed class DeferredQueue(DeferredTable table, DeferredRun run, FleetRoom room, TimeProvider time, ILogger<DeferredQueue> log) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DeferredEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeferredLane> _lanes = new(StringComparer.Ordinal);
    private readonly HashSet<Task> _runs = [];
    private readonly CancellationTokenSource _closed = new();
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _pump = Task.CompletedTask;

    /// <summary>Goes on with what an earlier process left, and takes in more.</summary>
    public void Start()
    {
        foreach (var row in table.Open())
            Enter(new DeferredEntry(row, survived: true));
        _pump = Task.Run(PumpAsync);
    }

    /// <summary>Sends nobody any more; what runs goes on, what waits stays stored.</summary>
    public void Close() => _closed.Cancel();

    /// <summary>Cuts off what still runs, and waits until that is settled. The next start runs it again.</summary>
    public async Task StopAsync()
    {
        await _closed.CancelAsync();
        await _pump;
        DeferredEntry[] entries;
        Task[] runs;
        lock (_lock)
            (entries, runs) = ([.. _entries.Values], [.. _runs]);
        foreach (var entry in entries)
            await entry.Stop.CancelAsync();
        await Task.WhenAll(runs);
        foreach (var entry in entries)
            entry.End();
    }

    public void Dispose() => _closed.Dispose();

    /// <summary>Takes in a request that is stored.</summary>
    public DeferredEntry Add(DeferredRow row)
    {
        var entry = new DeferredEntry(row, survived: false);
        Enter(entry);
        return entry;
    }

    /// <summary>The request, while it waits or runs.</summary>
    public DeferredEntry? Find(string id)
    {
        lock (_lock)
            return _entries.GetValueOrDefault(id);
    }

    /// <summary>Waits until the request is answered, where it waits or runs, and no longer than that.</summary>
    public async Task WhenEndedAsync(string id, TimeSpan atMost, CancellationToken cancellation)
    {
        if (atMost <= TimeSpan.Zero || Find(id) is not { } entry)
            return;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(entry.Ended, Task.Delay(atMost, time, patience.Token));
        await patience.CancelAsync();
    }

    /// <summary>How many of its lane go before a waiting request, and how long that probably takes; null where it runs, or nothing is known.</summary>
    public (int? Position, double? Seconds) Standing(DeferredEntry entry)
    {
        lock (_lock)
        {
            if (entry.Started is not null || !_lanes.TryGetValue(LaneOf(entry), out var lane))
                return (null, null);
            if (lane.Before(entry) is not { } before)
                return (null, null);
            return (before, lane.SecondsPerRun > 0 ? Math.Round(lane.SecondsPerRun * (before + 1) / Math.Max(1, lane.Running), 1) : null);
        }
    }

    /// <summary>Ends a request whose client wants no answer any more; it is settled and stored as cancelled, unless it was faster, when this returns.</summary>
    public async Task CancelAsync(DeferredEntry entry)
    {
        bool waits;
        lock (_lock)
        {
            entry.IsCancelled = true;
            waits = entry.Started is null && _lanes.TryGetValue(LaneOf(entry), out var lane) && lane.Remove(entry);
        }

        if (!waits)
        {
            await entry.Stop.CancelAsync();
            await entry.Ended;
            return;
        }

        await StoreCancelledAsync(entry);
    }

    private void Enter(DeferredEntry entry)
    {
        TaskCompletionSource added;
        lock (_lock)
        {
            _entries.Add(entry.Row.Id, entry);
            Lane(entry).Add(entry);
            added = _added;
        }

        added.TrySetResult();
    }

    private async Task PumpAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            Task added;
            lock (_lock)
            {
                if (_added.Task.IsCompleted)
                    _added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                added = _added.Task;
            }

            using var look = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
            // While nobody waits, nobody looks.
            var changed = SendWhoFits() ? room.WaitAsync(look.Token) : Task.Delay(Timeout.InfiniteTimeSpan, time, look.Token);
            await Task.WhenAny(added, changed);
            await look.CancelAsync();
        }
    }

    /// <returns>Whether somebody still waits.</returns>
    private bool SendWhoFits()
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (var (name, lane) in _lanes.ToArray())
            {
                foreach (var entry in lane.Due(now))
                {
                    if (room.TryEnter(entry.Row.NamespaceId, entry.Row.Model, evenIfUnknown: true, evenIfFull: true) is { } place)
                        Send(lane, entry, place, now);
                }

                if (lane.PausedUntil <= now)
                    SendWhoFits(lane, now);
                if (lane is { Waiting: 0, Running: 0 } && _lanes.Count > GatewayLimits.IdleLanesMax)
                    _lanes.Remove(name);
            }

            return _lanes.Values.Any(lane => lane.Waiting > 0);
        }
    }

    private void SendWhoFits(DeferredLane lane, DateTimeOffset now)
    {
        // Whoever runs as many as a namespace may, has used up a limit of its own, or was refused, is passed over; the others of the lane need not wait for that.
        var passed = 0;
        while (lane.Turn(passed) is { } share)
        {
            if (share.PausedUntil > now || room.IsFullFor(share.Owner) || share.Next(now) is not { } next)
                passed++;
            else if (room.TryEnter(share.Owner, next.Row.Model, evenIfUnknown: !next.Survived) is { } place)
                Send(lane, next, place, now);
            else
                return;
        }
    }

    private void Send(DeferredLane lane, DeferredEntry entry, FleetPlace place, DateTimeOffset now)
    {
        lane.Take(entry);
        lane.Running++;
        entry.Started = now;
        var task = Task.Run(() => RunAsync(lane, entry, place));
        _runs.Add(task);
        _ = task.ContinueWith(Forget, TaskScheduler.Default);
    }

    private void Forget(Task task)
    {
        lock (_lock)
            _runs.Remove(task);
    }

    private async Task RunAsync(DeferredLane lane, DeferredEntry entry, FleetPlace place)
    {
        var began = time.GetTimestamp();
        var end = DeferredEnd.Answered;
        try
        {
            end = await run.RunAsync(entry, _closed.Token);
        }
        catch (Exception failure)
        {
            // The disk takes nothing, and the gateway stops. The row is still open, so the next start runs it again, at no charge if this run was charged.
            log.DeferredLeftOpen(failure, entry.Row.Id);
        }

        bool waits;
        lock (_lock)
        {
            lane.Running--;
            if (end == DeferredEnd.Answered)
                lane.Took(entry, time.GetElapsedTime(began), time.GetUtcNow());
            waits = end != DeferredEnd.Answered && !entry.IsCancelled && !_closed.IsCancellationRequested;
            if (waits)
            {
                var scope = end == DeferredEnd.OwnLimit ? PauseScope.Namespace : place.Models.Count == 1 ? PauseScope.Lane : PauseScope.Request;
                lane.Return(entry, time.GetUtcNow() + Pause(entry, scope), scope);
                // The loop may believe that nobody waits.
                _added.TrySetResult();
            }
        }

        // Behind the lock: whoever is woken by the free place must find this one in its place in the line, and the line paused.
        room.Leave(place);
        if (waits)
            return;
        if (end != DeferredEnd.Answered && entry.IsCancelled)
            await StoreCancelledAsync(entry);
        else
            Leave(entry);
    }

    /// <summary>How long a refused request waits. Of one model the room is seen from here; whether there is any for several, or for what it may not have now, only another try finds out.</summary>
    private static TimeSpan Pause(DeferredEntry entry, PauseScope scope)
    {
        var (least, most) = (GatewayLimits.FleetLookInterval, GatewayLimits.RefusedPauseMax);
        return scope == PauseScope.Lane || entry.RetryAfter < least ? least : entry.RetryAfter < most ? entry.RetryAfter : most;
    }

    private async Task StoreCancelledAsync(DeferredEntry entry)
    {
        try
        {
            await run.CancelAsync(entry, _closed.Token);
        }
        finally
        {
            Leave(entry);
        }
    }

    private void Leave(DeferredEntry entry)
    {
        lock (_lock)
            _entries.Remove(entry.Row.Id);
        entry.End();
    }

    private DeferredLane Lane(DeferredEntry entry)
    {
        var name = LaneOf(entry);
        if (!_lanes.TryGetValue(name, out var lane))
            _lanes.Add(name, lane = new DeferredLane());
        return lane;
    }

    private static string LaneOf(DeferredEntry entry) => entry.Row.Model ?? string.Empty;
}
