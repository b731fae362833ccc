using Flotilla.Core;

namespace Flotilla.Gateway.Nodes;

/// <summary>The registry's word on a node that connects.</summary>
/// <param name="Standing">Whether it may serve.</param>
/// <param name="Operator">Who earns; set only for <see cref="NodeStanding.Welcome"/>.</param>
internal readonly record struct NodeEntry(NodeStanding Standing, AccountId Operator = default);
