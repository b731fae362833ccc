using Flotilla.Core;

namespace Flotilla.Protocol.OpenAI;

/// <summary>The body of <c>POST /v1/webhooks</c>, read and found valid as far as its text tells.</summary>
public sealed record WebhookRequest
{
    /// <summary>Where events are posted; whether it may be called is the gateway's to say.</summary>
    public required string Url { get; init; }

    /// <summary>Of <see cref="WebhookEventTypes.Filters"/>, each once.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>The models whose events are wanted; null for all.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>What signs the deliveries; null where the gateway shall draw it.</summary>
    public byte[]? Secret { get; init; }

    /// <summary>Credits below which <c>credit.low</c> is sent; null for the gateway's own.</summary>
    public Credits? CreditThreshold { get; init; }
}
