using Flotilla.Core;

namespace Flotilla.Gateway.Nodes;

/// <summary>Chooses the node for an attempt.</summary>
internal interface INodePicker
{
    /// <summary>The node with the least expected wait, or null where every node of the model is excluded or full.</summary>
    NodeSession? Pick(FleetSnapshot fleet, string model, IReadOnlySet<NodeId> exclude);
}
