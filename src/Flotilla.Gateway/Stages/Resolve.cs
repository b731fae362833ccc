using Flotilla.Gateway.Nodes;
using Flotilla.Ledger;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Stages;

/// <summary>Which model: alias to canonical name, and whether anybody can serve it now.</summary>
internal sealed class Resolve(GatewayOptions options, NodeDirectory nodes, LedgerStore ledger, TimeProvider time)
{
    /// <summary>The canonical name of what the client asked for.</summary>
    public string Canonical(string asked) => options.Aliases.GetValueOrDefault(asked, asked);

    /// <summary>Whether the name is another one of a model.</summary>
    public bool IsAlias(string asked) => options.Aliases.ContainsKey(asked);

    /// <summary>
    /// The model with the largest context that an allowed node offers: a job that does not fit a smaller node is asked of a larger one. A model that nobody ever offered is a 404; one that is known
    /// (offered before, priced, or the target of an alias) and has no node now is a 503, because its id stays valid until its operator has shut it down; one that
    /// cannot do what the endpoint needs is a 400.
    /// </summary>
    public Result<ResolvedModel> Model(InferenceRequest request, NodeWishes wishes)
    {
        var name = Canonical(request.Model);
        var fleet = nodes.Snapshot;
        var notes = options.Models.GetValueOrDefault(name);
        if (notes is not null && notes.IsShutDown(time.GetUtcNow()))
            return ShutDown(name, notes);
        // FlexAI's clients know this answer for any name, so the name is not looked at.
        if (request.Capability == Capability.Embeddings && !fleet.Models.Any(m => fleet.Offers(m).Any(o => o.Capabilities.Contains(Capability.Embeddings))))
            return NoEmbeddings();
        if (fleet.Offers(name) is not { Count: > 0 } all)
            return IsKnown(name, fleet) ? NoNode(name) : NotFound(request.Model);
        if (!all.Any(o => o.Capabilities.Contains(request.Capability)))
            return NotForEndpoint(name, request.Capability);
        List<ModelOffer> offers = [.. fleet.Offers(name, wishes).Where(o => o.Capabilities.Contains(request.Capability))];
        return offers.Count > 0
            ? new ResolvedModel(name, ContextOf(offers) is var context and > 0 ? context : GatewayLimits.ContextTokensAssumed, wishes, notes)
            : NoneAllowed(name, fleet, wishes);
    }

    /// <summary>Whether a node that serves the model can do what the request takes for granted; see <see cref="Stages.Fit"/>.</summary>
    public Result<InferenceRequest> Fit(InferenceRequest request, ResolvedModel model) => Stages.Fit.To(request, model.Name, [.. nodes.Snapshot.Offers(model.Name, model.Wishes)]);

    /// <summary>Whether the name stays valid without a node.</summary>
    public bool IsKnown(string name, FleetSnapshot fleet) =>
        fleet.IsKnown(name) || options.Aliases.Values.Contains(name, StringComparer.Ordinal) || ledger.Prices.Current.All.ContainsKey(name)
        || options.Models.ContainsKey(name);

    /// <summary>The largest context among the offers; 0 where no node tells.</summary>
    public static uint ContextOf(IReadOnlyList<ModelOffer> offers) => offers.Max(o => o.ContextTokens);

    /// <summary>Every node that serves the model has its hands full.</summary>
    public static ApiError Busy(string model, int? candidates = null) =>
        new(ApiErrorCode.Overloaded, $"Every node that serves '{model}' is busy. Try again shortly.", RetryAfterSeconds: GatewayLimits.RetryAfterSeconds)
        {
            Availability = new Availability(AvailabilityConstraint.Busy, candidates),
        };

    public static ApiError NoNode(string model) =>
        new(
            ApiErrorCode.NoWorkersAvailable,
            $"No node can serve the model '{model}' right now. Try again in {GatewayLimits.RetryAfterSeconds} seconds.",
            RetryAfterSeconds: GatewayLimits.RetryAfterSeconds)
        {
            Availability = new Availability(AvailabilityConstraint.Model, 0),
        };

    /// <summary>The model is served, and by nobody whom this request allows.</summary>
    public static ApiError NoneAllowed(string model, FleetSnapshot fleet, NodeWishes wishes) =>
        new(
            ApiErrorCode.NoWorkersAvailable,
            $"No node that serves the model '{model}' now is within what this request allows: {wishes}. Try again in {GatewayLimits.RetryAfterSeconds} seconds, or allow more.",
            RetryAfterSeconds: GatewayLimits.RetryAfterSeconds)
        {
            Availability = fleet.WhyNone(model, wishes),
        };

    public static ApiError ShutDown(string model, ModelNotes notes) => new(
        ApiErrorCode.ModelNotFound,
        $"The model '{model}' was shut down on {notes.ShutdownDate:yyyy-MM-dd}. GET /v1/catalog lists what is recommended instead.", "model");

    private static ApiError NoEmbeddings() =>
        new(ApiErrorCode.ModelNotForEndpoint, "No embedding model is deployed, so this endpoint serves none.", "model")
        {
            Availability = new Availability(AvailabilityConstraint.Capability, 0),
        };

    private static ApiError NotForEndpoint(string model, string capability) =>
        new(
            ApiErrorCode.ModelNotForEndpoint,
            $"The model '{model}' does not serve this endpoint: it lacks the capability '{capability}'. GET /v1/models lists what each model can do.", "model")
        {
            Availability = new Availability(AvailabilityConstraint.Capability, 0),
        };

    public static ApiError NotFound(string model) => new(
        ApiErrorCode.ModelNotFound, $"The model '{model}' does not exist or you do not have access to it. GET /v1/models lists what is served.", "model");
}
