using System.Collections.Immutable;

namespace Flotilla.Gateway.Nodes;

/// <summary>One model of a <see cref="FleetSnapshot"/>.</summary>
/// <param name="Nodes">Who serves it; never empty.</param>
/// <param name="Offers">How each of them offers it, in the same order.</param>
/// <param name="Since">When the gateway first admitted it.</param>
internal sealed record FleetModel(ImmutableArray<NodeSession> Nodes, ImmutableArray<ModelOffer> Offers, DateTimeOffset Since);
