using System.Collections.Immutable;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Nodes;

/// <summary>Who serves what at one moment. Immutable; <see cref="NodeDirectory"/> swaps it whole, so a request sees one fleet from its first look to its last.</summary>
internal sealed class FleetSnapshot
{
    private static readonly IReadOnlyList<ModelOffer> NoOffers = [];
    private readonly Dictionary<string, FleetModel> _models;
    private readonly IReadOnlySet<string> _gone;

    internal FleetSnapshot(Dictionary<string, FleetModel> models, IReadOnlySet<string> gone)
    {
        _models = models;
        _gone = gone;
        Models = [.. models.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>No nodes, nothing known.</summary>
    public static FleetSnapshot Empty { get; } = new([], ImmutableHashSet<string>.Empty);

    /// <summary>Names of the models that can be served now, in ordinal order.</summary>
    public ImmutableArray<string> Models { get; }

    /// <summary>The sessions that were admitted with the model and are not draining; empty for others.</summary>
    public ImmutableArray<NodeSession> Serving(string model) => _models.TryGetValue(model, out var known) ? known.Nodes : [];

    /// <summary>The model as each node of <see cref="Serving"/> offers it, in the same order.</summary>
    public IReadOnlyList<ModelOffer> Offers(string model) => _models.TryGetValue(model, out var known) ? known.Offers : NoOffers;

    /// <summary>The offers of those nodes on which the wishes allow to place a job.</summary>
    public IEnumerable<ModelOffer> Offers(string model, NodeWishes wishes)
    {
        var nodes = Serving(model);
        return Offers(model).Where((offer, i) => wishes.Allows(nodes[i], offer));
    }

    /// <summary>Which of the wishes left no node of the model, and how many there were before it.</summary>
    public Availability WhyNone(string model, NodeWishes wishes)
    {
        var nodes = Serving(model);
        // Each node fails at the first constraint that excludes it, so whoever came furthest met the one that emptied the set.
        var excluded = Offers(model).Select((offer, i) => wishes.Excludes(nodes[i], offer)).ToList();
        var last = excluded.Max() ?? AvailabilityConstraint.Busy;
        return new Availability(last, excluded.Count(c => c == last));
    }

    /// <summary>Whether a node in the region serves it; null stands for any region.</summary>
    public bool IsIn(string model, string? region) => region is null || Serving(model).Any(n => n.Region == region);

    /// <summary>When the gateway first admitted the model since it started; null for a model that nobody serves.</summary>
    public DateTimeOffset? Since(string model) => _models.TryGetValue(model, out var known) ? known.Since : null;

    /// <summary>Names of models that were served since the gateway started and are not now.</summary>
    public IEnumerable<string> Gone => _gone;

    /// <summary>Whether some node serves the model, or did since the gateway started.</summary>
    public bool IsKnown(string model) => _models.ContainsKey(model) || _gone.Contains(model);
}
