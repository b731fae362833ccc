using Flotilla.Gateway.Nodes;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Stages;

/// <summary>Which model: alias to canonical name, and whether anybody can serve it now.</summary>
internal sealed class Resolve(GatewayOptions options, NodeDirectory nodes, LedgerStore ledger)
{
    /// <summary>The canonical name of what the client asked for.</summary>
    public string Canonical(string asked) => options.Aliases.GetValueOrDefault(asked, asked);

    /// <summary>
    /// The model with its smallest context among the nodes that serve it. A model that nobody ever offered is a 404; one that is known
    /// (offered before, priced, or the target of an alias) and has no node now is a 503, because its id stays valid.
    /// </summary>
    public Result<ResolvedModel> Model(InferenceRequest request)
    {
        var name = Canonical(request.Model);
        var fleet = nodes.Snapshot;
        if (fleet.Offers(name) is { Count: > 0 } offers)
        {
            uint context = 0;
            foreach (var offer in offers)
                context = context == 0 ? offer.ContextTokens : Math.Min(context, offer.ContextTokens);
            return new ResolvedModel(name, context == 0 ? GatewayLimits.ContextTokensAssumed : context);
        }

        return IsKnown(name, fleet) ? NoNode(name) : NotFound(request.Model);
    }

    /// <summary>Whether the name stays valid without a node.</summary>
    public bool IsKnown(string name, FleetSnapshot fleet) =>
        fleet.IsKnown(name) || options.Aliases.Values.Contains(name, StringComparer.Ordinal) || ledger.Prices.Current.All.ContainsKey(name);

    public static ApiError NoNode(string model) => new(
        ApiErrorCode.NoWorkersAvailable,
        $"No node can serve the model '{model}' right now. Try again in {GatewayLimits.RetryAfterSeconds} seconds.",
        RetryAfterSeconds: GatewayLimits.RetryAfterSeconds);

    public static ApiError NotFound(string model) => new(
        ApiErrorCode.ModelNotFound, $"The model '{model}' does not exist or you do not have access to it. GET /v1/models lists what is served.", "model");
}
