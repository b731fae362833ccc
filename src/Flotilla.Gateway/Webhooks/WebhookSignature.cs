using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Webhooks;

/// <summary>Signs deliveries by Standard Webhooks, as OpenAI does: HMAC-SHA256 over <c>id.timestamp.body</c>.</summary>
internal static class WebhookSignature
{
    private const string Version = "v1,";

    /// <summary>The headers of one attempt.</summary>
    /// <param name="id">The event's id: the same in each attempt, so that a receiver knows a repeat.</param>
    /// <param name="at">The time of the attempt: receivers refuse what is older than some minutes.</param>
    /// <param name="body">What is posted.</param>
    /// <param name="secret">The webhook's.</param>
    public static KeyValuePair<string, string>[] Headers(string id, DateTimeOffset at, ReadOnlySpan<byte> body, ReadOnlySpan<byte> secret)
    {
        var timestamp = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(body);
        return
        [
            new("webhook-id", id),
            new("webhook-timestamp", timestamp),
            new("webhook-signature", Version + Convert.ToBase64String(hmac.GetHashAndReset())),
        ];
    }

    /// <summary>A secret as its owner sees it, once.</summary>
    public static string Show(ReadOnlySpan<byte> secret) => WebhookRequestReader.SecretPrefix + Convert.ToBase64String(secret);
}
