using Flotilla.Core;

namespace Flotilla.Gateway.Nodes;

/// <summary>Chooses the node for an attempt.</summary>
internal interface INodePicker
{
    /// <summary>The node that the wishes allow and put first, with the least expected wait; null where every such node is excluded or full.</summary>
    NodeSession? Pick(FleetSnapshot fleet, string model, NodeWishes wishes, IReadOnlySet<NodeId> exclude);
}
