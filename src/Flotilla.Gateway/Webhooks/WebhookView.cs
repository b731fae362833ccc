using System.Text.Json;
using System.Text.Json.Serialization;
using Flotilla.Core;

namespace Flotilla.Gateway.Webhooks;

/// <summary>A webhook as its namespace sees it; times in seconds since 1970, credits in decimal.</summary>
internal sealed record WebhookView
{
    private const long MillisecondsPerSecond = 1_000;

    public required string Id { get; init; }

    public string Object { get; } = "webhook";

    public required string Url { get; init; }

    public required IReadOnlyList<string> Events { get; init; }

    public required IReadOnlyList<string>? Models { get; init; }

    public required string? CreditThreshold { get; init; }

    public required long CreatedAt { get; init; }

    /// <summary>Events that a full queue has dropped.</summary>
    public required long DroppedEvents { get; init; }

    /// <summary>Where it was just made.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    public static WebhookView Of(WebhookRow row) => new()
    {
        Id = row.Id,
        Url = row.Url,
        Events = JsonSerializer.Deserialize(row.Events, WebhookJson.Default.StringArray)!,
        Models = row.Models is null ? null : JsonSerializer.Deserialize(row.Models, WebhookJson.Default.StringArray),
        CreditThreshold = row.CreditThreshold is { } threshold ? new Credits(threshold).ToString() : null,
        CreatedAt = row.CreatedMs / MillisecondsPerSecond,
        DroppedEvents = row.Dropped,
    };
}
