using Flotilla.Gateway.Telemetry;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Webhooks;

/// <summary>The deliveries of one webhook, a few at a time: one that is slow, or gone, is in nobody else's way.</summary>
internal sealed class WebhookLane(Webhook webhook, DeliveryTable deliveries, Courier courier, TimeProvider time, ILogger log)
{
    /// <summary>Delivers what is due, and waits for what will be, until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
                await StepAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What was on its way counts as not tried, and is tried again after the next start.
        }
    }

    private async Task StepAsync(CancellationToken stop)
    {
        try
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var next = deliveries.Next(webhook.Id, WebhookLimits.AtOncePerWebhook);
            DeliveryRow[] due = [.. next.Where(row => row.NextMs <= now)];
            if (due.Length > 0)
                await Task.WhenAll(due.Select(row => courier.DeliverAsync(webhook, row, stop)));
            else
                await webhook.Due.WaitAsync(next.Count > 0 ? TimeSpan.FromMilliseconds(next[0].NextMs!.Value - now) : Timeout.InfiniteTimeSpan, stop);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            // Whatever it was: a lane that ended would deliver nothing any more.
            // What was delivered and could not be noted is delivered again: its id tells the receiver.
            log.WebhooksWait(failure);
            await Task.Delay(WebhookLimits.FaultPause, time, stop);
        }
    }
}
