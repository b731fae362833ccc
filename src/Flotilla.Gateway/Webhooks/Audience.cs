using System.Collections.Frozen;
using Flotilla.Core;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Webhooks;

/// <summary>All webhooks at one moment, by namespace.</summary>
internal sealed class Audience
{
    private readonly FrozenDictionary<string, Webhook[]> _webhooks;

    public Audience(IEnumerable<Webhook> webhooks)
    {
        _webhooks = webhooks.GroupBy(w => w.Row.NamespaceId).ToFrozenDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
        All = [.. _webhooks.Values.SelectMany(w => w)];
        JobOwners = All.Where(w => w.Row.HearsJobs).Select(w => w.Owner).ToFrozenSet();
        OfCredits = [.. All.Where(w => w.Hears(WebhookEventTypes.CreditLow, null))];
    }

    /// <summary>Every one.</summary>
    public IReadOnlyList<Webhook> All { get; }

    /// <summary>The namespaces that hear of their jobs.</summary>
    public FrozenSet<NamespaceId> JobOwners { get; }

    /// <summary>Those that hear of their credits.</summary>
    public IReadOnlyList<Webhook> OfCredits { get; }

    /// <summary>A namespace's; most have none.</summary>
    public IReadOnlyList<Webhook> Of(string owner) => _webhooks.GetValueOrDefault(owner) ?? [];
}
