using Flotilla.Core;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Webhooks;

/// <summary>Sends what webhooks want to hear, as long as the gateway lives: a lane for each of them, and the reader of the ledger.</summary>
internal sealed class WebhookSender(WebhookBook book, DeliveryTable deliveries, Courier courier, LedgerTail tail, TimeProvider time, ILogger<WebhookSender> log) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (CancellationTokenSource Stop, Task Task)> _lanes = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private Task _tail = Task.CompletedTask;

    /// <summary>Learns who listens, before anything can happen.</summary>
    public void Prepare() => book.Load();

    /// <summary>Goes on with what an earlier process left.</summary>
    public void Start()
    {
        foreach (var webhook in book.Audience.All)
            Open(webhook);
        _tail = Task.Run(() => tail.RunAsync(_stop.Token));
    }

    /// <summary>Takes a webhook in.</summary>
    /// <returns>False where its namespace has as many as it may.</returns>
    public async Task<bool> TryAddAsync(WebhookRow row, long place)
    {
        if (await book.TryAddAsync(row, place) is not { } webhook)
            return false;
        Open(webhook);
        tail.Moved(webhook.Owner);
        return true;
    }

    /// <summary>Forgets a webhook; an attempt on its way is cut off.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DeleteAsync(NamespaceId owner, string id)
    {
        if (!await book.DeleteAsync(owner, id))
            return false;
        (CancellationTokenSource, Task) lane;
        lock (_lock)
        {
            if (!_lanes.Remove(id, out lane))
                return true;
        }

        await EndAsync(lane);
        return true;
    }

    /// <summary>Cuts off what is on its way; the next start goes on with it.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _tail;
        (CancellationTokenSource, Task)[] lanes;
        lock (_lock)
        {
            lanes = [.. _lanes.Values];
            _lanes.Clear();
        }

        foreach (var lane in lanes)
            await EndAsync(lane);
    }

    public void Dispose() => _stop.Dispose();

    private void Open(Webhook webhook)
    {
        lock (_lock)
        {
            // The first requests may come before the start.
            if (_lanes.ContainsKey(webhook.Id))
                return;
            var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var lane = new WebhookLane(webhook, deliveries, courier, time, log);
            _lanes.Add(webhook.Id, (stop, Task.Run(() => lane.RunAsync(stop.Token))));
        }
    }

    private static async Task EndAsync((CancellationTokenSource Stop, Task Task) lane)
    {
        using (lane.Stop)
        {
            await lane.Stop.CancelAsync();
            await lane.Task;
        }
    }
}
