using System.Text.Json;
using Flotilla.Core;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Webhooks;

/// <summary>A webhook in memory: what it wants to hear, and what wakes its lane.</summary>
internal sealed class Webhook(WebhookRow row, TimeProvider time)
{
    private readonly string[] _filters = JsonSerializer.Deserialize(row.Events, WebhookJson.Default.StringArray)!;
    private readonly string[]? _models = row.Models is null ? null : JsonSerializer.Deserialize(row.Models, WebhookJson.Default.StringArray);

    /// <summary>As it is stored; of what changes, as it was when it was read.</summary>
    public WebhookRow Row { get; } = row;

    public string Id => Row.Id;

    public NamespaceId Owner { get; } = new(row.NamespaceId);

    /// <summary>Set when something is to be delivered.</summary>
    public Signal Due { get; } = new(time);

    /// <summary>Whether it was told that the credits are low; the tail of the ledger alone changes it.</summary>
    public bool IsLow { get; set; } = row.IsLow;

    /// <summary>Whether it wants an event.</summary>
    /// <param name="type">One of <see cref="WebhookEventTypes.All"/>.</param>
    /// <param name="model">The model that it is about; null where it is about none, or several, and then no wish for models keeps it out.</param>
    public bool Hears(string type, string? model) =>
        Array.Exists(_filters, filter => WebhookEventTypes.Matches(filter, type)) && (model is null || _models is null || _models.Contains(model));

    /// <summary>Whether filters let any event of jobs through.</summary>
    public static bool HearsJobs(IEnumerable<string> filters) =>
        filters.Any(filter => WebhookEventTypes.All.Any(type => type.StartsWith(WebhookEventTypes.Job, StringComparison.Ordinal) && WebhookEventTypes.Matches(filter, type)));
}
