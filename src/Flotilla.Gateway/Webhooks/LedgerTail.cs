using System.Text.Json;
using Flotilla.Core;
using Flotilla.Gateway.Endpoints;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Telemetry;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Webhooks;

/// <summary>Tells webhooks of jobs that ended and of credits that run low, out of the ledger.</summary>
/// <remarks>
/// Settlements and events are in two files, which no transaction spans. So the ledger's own log is the queue: it is read from a
/// place that is stored together with the events, and no crash between the two loses or doubles one. A settlement only wakes the reader.
/// </remarks>
internal sealed class LedgerTail(
    WebhookBook book, WebhookTable table, DeliveryTable deliveries, LedgerStore ledger, StateStore state, GatewayOptions options, TimeProvider time, ILogger<LedgerTail> log)
{
    private readonly Signal _moved = new(time);

    /// <summary>Money of a namespace moved: a job was settled, or credits were added.</summary>
    public void Moved(NamespaceId owner)
    {
        if (book.Audience.Of(owner.Value).Count > 0)
            _moved.Set();
    }

    /// <summary>Reads along until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
                await StepAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The next start reads on.
        }
    }

    private async Task StepAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested && await JobsAsync())
            {
            }

            await CreditsAsync();
            // Jobs that nobody settles end without a word.
            await _moved.WaitAsync(book.Audience.All.Count > 0 ? WebhookLimits.LookInterval : Timeout.InfiniteTimeSpan, stop);
        }
#pragma warning disable CA1031 // Whatever it was is told; a reader that ended would tell nobody of anything any more.
        catch (Exception failure) when (failure is not OperationCanceledException)
#pragma warning restore CA1031
        {
            log.WebhooksWait(failure);
            await Task.Delay(WebhookLimits.FaultPause, time, stop);
        }
    }

    /// <summary>One part of the log.</summary>
    /// <returns>Whether there is more.</returns>
    private async Task<bool> JobsAsync()
    {
        var audience = book.Audience;
        if (audience.JobOwners.Count == 0)
            return false;
        var place = table.Place();
        var ended = await ledger.Jobs.ListEndedAsync(place, audience.JobOwners, CancellationToken.None);
        // A webhook that was made while this was read is owed what ended behind its making.
        if (!ReferenceEquals(audience, book.Audience))
            return true;
        WebhookEvent[] events = [.. ended.Jobs.Select(EventOf).OfType<WebhookEvent>()];
        if (ended.Place > place)
        {
            await state.WriteAsync(db =>
            {
                foreach (var happened in events)
                    deliveries.Insert(db, happened);
                WebhookTable.SetPlace(db, ended.Place);
                return true;
            });
        }

        foreach (var happened in events)
            happened.Announce();
        return !ended.IsLast;
    }

    private WebhookEvent? EventOf(JobRecord job)
    {
        var view = JobView.Of(job);
        return book.Event(job.Namespace.Value, WebhookEventTypes.Job + view.Status, job.Model, json => JsonSerializer.Serialize(json, view, JobJson.Default.JobView));
    }

    private async Task CreditsAsync()
    {
        foreach (var webhook in book.Audience.OfCredits)
        {
            var credits = ledger.Money.BalanceOf(webhook.Owner).Posted;
            var threshold = webhook.Row.CreditThreshold is { } own ? new Credits(own) : options.CreditLow;
            var isLow = credits < threshold;
            if (isLow == webhook.IsLow)
                continue;
            var happened = isLow ? book.Event([webhook], WebhookEventTypes.CreditLow, json => Write(json, webhook.Owner, credits, threshold)) : null;
            await state.WriteAsync(db =>
            {
                WebhookTable.SetLow(db, webhook.Id, isLow);
                if (happened is not null)
                    deliveries.Insert(db, happened);
                return true;
            });
            webhook.IsLow = isLow;
            happened?.Announce();
        }
    }

    private static void Write(Utf8JsonWriter json, NamespaceId owner, Credits credits, Credits threshold)
    {
        json.WriteStartObject();
        json.WriteString("id", owner.Value);
        json.WriteString("credits", credits.ToString());
        json.WriteString("threshold", threshold.ToString());
        json.WriteEndObject();
    }
}
