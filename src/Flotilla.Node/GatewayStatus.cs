namespace Flotilla.Node;

/// <summary>How the node stands with one gateway, at one moment.</summary>
/// <param name="Gateway">The gateway's address as it is dialled.</param>
/// <param name="State">The state.</param>
/// <param name="Detail">Why, in a sentence for people; empty where there is nothing to say.</param>
/// <param name="Admissions">The gateway's word on each model, in the order of arrival; empty outside a session.</param>
public sealed record GatewayStatus(Uri Gateway, GatewayState State, string Detail, IReadOnlyList<ModelAdmission> Admissions);
