using Flotilla.Core;

namespace Flotilla.Gateway.Nodes;

/// <summary>A connected node, for people to read.</summary>
/// <param name="Id">From its key.</param>
/// <param name="Name">Its own name.</param>
/// <param name="Region">Its region, or empty.</param>
/// <param name="Operator">Who earns.</param>
/// <param name="Models">What it offers, admitted or not.</param>
/// <param name="Running">Attempts that this gateway has running there.</param>
/// <param name="Slots">Jobs that it runs at once.</param>
/// <param name="IsDraining">Whether it takes no more jobs.</param>
/// <param name="ConnectedSince">When its session began.</param>
/// <param name="RemoteAddress">Where it dialled from, as the gateway sees it.</param>
/// <param name="Software">What it says that it runs.</param>
/// <param name="LateFrames">Frames that came for attempts already over.</param>
internal sealed record NodeSummary(
    NodeId Id,
    string Name,
    string Region,
    AccountId Operator,
    IReadOnlyList<NodeModelSummary> Models,
    int Running,
    int Slots,
    bool IsDraining,
    DateTimeOffset ConnectedSince,
    string RemoteAddress,
    string Software,
    long LateFrames);
