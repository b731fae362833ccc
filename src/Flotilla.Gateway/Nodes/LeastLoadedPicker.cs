using Flotilla.Core;

namespace Flotilla.Gateway.Nodes;

/// <summary>The node whose slots would be the least filled with one job more.</summary>
/// <remarks>
/// It looks at all of them: what two random choices save matters from thousands of nodes on, and costs evenness before. Each
/// call starts at another place of the list, so that equals share the load without a random source.
/// </remarks>
internal sealed class LeastLoadedPicker : INodePicker
{
    private uint _turn;

    /// <inheritdoc />
    public NodeSession? Pick(FleetSnapshot fleet, string model, IReadOnlySet<NodeId> exclude)
    {
        var nodes = fleet.Serving(model);
        if (nodes.Length == 0)
            return null;
        NodeSession? best = null;
        long bestLoad = 0;
        long bestSlots = 1;
        var start = (int)(Interlocked.Increment(ref _turn) % (uint)nodes.Length);
        for (var i = 0; i < nodes.Length; i++)
        {
            var node = nodes[start + i < nodes.Length ? start + i : start + i - nodes.Length];
            long slots = node.Slots;
            long load = node.Load + 1;
            // Fractions are compared by their cross products, which fit a long and need no rounding rule.
            if (load > slots || (best is not null && load * bestSlots >= bestLoad * slots) || exclude.Contains(node.Id))
                continue;
            (best, bestLoad, bestSlots) = (node, load, slots);
        }

        return best;
    }
}
