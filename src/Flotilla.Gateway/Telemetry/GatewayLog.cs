using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Telemetry;

/// <summary>What the HTTP side logs; events 1000–1099. Never a prompt, never a key.</summary>
internal static partial class GatewayLog
{
    [LoggerMessage(1000, LogLevel.Information, "Listening on {BaseUrl}; ledger epoch {Epoch}, {Holds} holds of an earlier run were returned.")]
    public static partial void Started(this ILogger log, string baseUrl, long epoch, long holds);

    [LoggerMessage(1001, LogLevel.Information, "Draining: no new requests, running ones have {Seconds} s.")]
    public static partial void Draining(this ILogger log, double seconds);

    [LoggerMessage(1002, LogLevel.Warning, "The drain time of {Seconds} s is over; running requests are cut off.")]
    public static partial void DrainTimedOut(this ILogger log, double seconds);

    [LoggerMessage(1010, LogLevel.Debug, "{Request}: the client left.")]
    public static partial void ClientLeft(this ILogger log, string request);

    [LoggerMessage(1011, LogLevel.Error, "{Request} on {Path} failed.")]
    public static partial void RequestFailed(this ILogger log, Exception exception, string request, string path);

    [LoggerMessage(1020, LogLevel.Information, "{Job}: attempt {Attempt} on {Node} gave nothing ({Why}); another node is asked.")]
    public static partial void AttemptGivenUp(this ILogger log, string job, uint attempt, string node, string why);

    [LoggerMessage(1022, LogLevel.Debug, "{Node} did not answer a cancelled job in time; it is settled without the node's count.")]
    public static partial void NoLastWord(this ILogger log, string node);

    [LoggerMessage(1021, LogLevel.Error, "{Job}: the settlement was refused: {Status}.")]
    public static partial void SettlementRefused(this ILogger log, string job, string status);

    [LoggerMessage(1040, LogLevel.Warning, "{Response} was answered, and could not be kept.")]
    public static partial void ResponseNotKept(this ILogger log, string response, Exception exception);

    [LoggerMessage(1030, LogLevel.Error, "{Request} failed beside its own call; it ends as failed.")]
    public static partial void DeferredFailed(this ILogger log, Exception exception, string request);

    [LoggerMessage(1033, LogLevel.Error, "{Request}: what became of it could not be stored; the next try is in {Seconds} s.")]
    public static partial void DeferredNotStored(this ILogger log, Exception exception, string request, double seconds);

    [LoggerMessage(1034, LogLevel.Error, "{Request}: what became of it could not be stored before the gateway stopped. The next start runs it again; what was charged is not charged twice.")]
    public static partial void DeferredLeftOpen(this ILogger log, Exception exception, string request);

    [LoggerMessage(1031, LogLevel.Error, "Old answers could not be removed now; the next round tries again.")]
    public static partial void SweepFailed(this ILogger log, Exception exception);

    [LoggerMessage(1032, LogLevel.Error, "{Batch} could not go on; the next try is in {Seconds} s. What was charged is not charged twice.")]
    public static partial void BatchFailed(this ILogger log, Exception exception, string batch, double seconds);

    [LoggerMessage(1035, LogLevel.Error, "{Batch} could not be brought to its end in its time, and has failed.")]
    public static partial void BatchGivenUp(this ILogger log, string batch);

    [LoggerMessage(1060, LogLevel.Error, "Webhooks wait: their events could not be read or stored now, and are tried again shortly.")]
    public static partial void WebhooksWait(this ILogger log, Exception exception);

    [LoggerMessage(1061, LogLevel.Error, "{Delivery}: the gateway failed on this attempt; it counts as failed.")]
    public static partial void DeliveryFailed(this ILogger log, Exception exception, string delivery);
}
