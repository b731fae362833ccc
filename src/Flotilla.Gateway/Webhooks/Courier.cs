using System.Buffers.Binary;
using System.Collections.Concurrent;
using Flotilla.Core;
using Flotilla.Gateway.Limits;
using Flotilla.Gateway.Outbound;
using Flotilla.Gateway.Telemetry;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Webhooks;

/// <summary>Makes one attempt at one delivery, and stores what it came to.</summary>
internal sealed class Courier(DeliveryTable deliveries, OutboundClient http, OutboundRules rules, IIdSource ids, TimeProvider time, ILogger<Courier> log)
{
    private readonly Turns _turns = new(WebhookLimits.AtOnceMax);
    private readonly ConcurrentDictionary<string, Allowance> _paces = new(StringComparer.Ordinal);

    /// <summary>Brings a delivery to its webhook, or sets the time of the next attempt.</summary>
    public async Task DeliverAsync(Webhook webhook, DeliveryRow row, CancellationToken stop)
    {
        await PaceAsync(webhook.Row.NamespaceId, stop);
        await _turns.TakeAsync(webhook.Row.NamespaceId, stop);
        try
        {
            var (status, fault) = await TryAsync(webhook.Row, row, stop);
            await deliveries.SaveAsync(After(row, status, fault));
        }
        finally
        {
            _turns.Leave(webhook.Row.NamespaceId);
        }
    }

    /// <summary>Pause after a number of attempts: twice the one before, less up to a half by chance, so that what failed together does not come together.</summary>
    /// <param name="attempts">Attempts that were made, from 1.</param>
    /// <param name="chance">From 0 to 1.</param>
    internal static TimeSpan Pause(long attempts, double chance)
    {
        var whole = WebhookLimits.FirstPause * Math.Pow(2, Math.Min(attempts, WebhookLimits.AttemptsMax) - 1);
        return (whole < WebhookLimits.PauseMax ? whole : WebhookLimits.PauseMax) * (1 - (chance / 2));
    }

    private async Task PaceAsync(string owner, CancellationToken stop)
    {
        var pace = _paces.GetOrAdd(owner, _ => new Allowance("namespace", new RateLimits(WebhookLimits.AttemptsPerMinute, 0, 0), time));
        while (pace.Enter() is { } shortage)
            await Task.Delay(shortage.Wait, time, stop);
        pace.Leave();
    }

    /// <summary>An attempt on which the gateway itself fails has failed like any other, and the next may go better; the webhook's other deliveries go on.</summary>
    private async Task<(int? Status, string? Fault)> TryAsync(WebhookRow webhook, DeliveryRow row, CancellationToken stop)
    {
        try
        {
            return await AttemptAsync(webhook, row, stop);
        }
        catch (Exception failure) when (!stop.IsCancellationRequested)
        {
            log.DeliveryFailed(failure, row.Id);
            return (null, $"The gateway failed on this attempt; its operator finds the reason under {row.Id}.");
        }
    }

    private async Task<(int? Status, string? Fault)> AttemptAsync(WebhookRow webhook, DeliveryRow row, CancellationToken stop)
    {
        // The settings may have changed since the webhook was made.
        if (OutboundUrl.Read(webhook.Url, rules, out var fault) is not { } url)
            return (null, $"The URL {fault}");
        var headers = WebhookSignature.Headers(row.EventId, time.GetUtcNow(), row.Body, webhook.Secret);
        var result = await http.PostAsync(url, row.Body, headers, stop);
        return result.Failed(out var why, out var answer) ? (null, why.Sentence()) : (answer.Status, null);
    }

    private DeliveryRow After(DeliveryRow row, int? status, string? fault)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var tried = row with { Attempts = row.Attempts + 1, HttpStatus = status, Fault = fault };
        if (status is >= 200 and <= 299)
            return tried with { Status = DeliveryStatus.Delivered, Body = null, NextMs = null, EndedMs = now };
        var next = now + (long)Pause(tried.Attempts, Chance()).TotalMilliseconds;
        return tried.Attempts >= WebhookLimits.AttemptsMax || next - row.CreatedMs > WebhookLimits.Age.TotalMilliseconds
            ? tried with { Status = DeliveryStatus.GivenUp, Body = null, NextMs = null, EndedMs = now }
            : tried with { NextMs = next };
    }

    private double Chance()
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        ids.Fill(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes) / (double)uint.MaxValue;
    }
}
