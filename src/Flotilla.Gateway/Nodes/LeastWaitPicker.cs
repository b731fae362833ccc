using Flotilla.Core;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Nodes;

/// <summary>The node with the least expected wait: how full its slots would be with one job more, times how long it lately took to answer.</summary>
/// <remarks>
/// It looks at all of them: what two random choices save matters from thousands of nodes on, and costs evenness before. Each
/// call starts at another place of the list, so that equals share the load without a random source. A node that was ejected
/// for its failures comes after all others and is still better than none.
/// </remarks>
internal sealed class LeastWaitPicker(TrackRecords records) : INodePicker
{
    private uint _turn;

    /// <inheritdoc />
    public NodeSession? Pick(FleetSnapshot fleet, string model, NodeWishes wishes, IReadOnlySet<NodeId> exclude)
    {
        var nodes = fleet.Serving(model);
        var offers = fleet.Offers(model);
        if (nodes.Length == 0)
            return null;
        NodeSession? best = null;
        var bestScore = default(Score);
        var start = (int)(Interlocked.Increment(ref _turn) % (uint)nodes.Length);
        for (var i = 0; i < nodes.Length; i++)
        {
            var at = start + i < nodes.Length ? start + i : start + i - nodes.Length;
            var node = nodes[at];
            if (node.Load >= node.Slots || exclude.Contains(node.Id) || !wishes.Allows(node, offers[at]))
                continue;
            var score = ScoreOf(node, model, wishes);
            if (best is null || score.CompareTo(bestScore) < 0)
                (best, bestScore) = (node, score);
        }

        return best;
    }

    private Score ScoreOf(NodeSession node, string model, NodeWishes wishes)
    {
        var (isEjected, pace) = records.Of(node.Id).With(model);
        // What was never measured sorts behind what was, or a fleet's newcomers would be asked before its best.
        var wished = wishes.Provider.Sort switch
        {
            ProviderSort.Latency => pace.FirstTokenMs > 0 ? pace.FirstTokenMs : double.MaxValue,
            ProviderSort.Throughput => pace.TokensPerSecond > 0 ? -pace.TokensPerSecond : 0,
            _ => 0,
        };
        var wait = (node.Load + 1d) / node.Slots * (1L << pace.Bucket);
        return new Score(wishes.Rank(node), isEjected, wished, wait);
    }

    /// <summary>Compared from left to right; the least is the best.</summary>
    private readonly record struct Score(int Rank, bool Ejected, double Wished, double Wait) : IComparable<Score>
    {
        public int CompareTo(Score other)
        {
            var order = Rank.CompareTo(other.Rank);
            if (order == 0)
                order = Ejected.CompareTo(other.Ejected);
            if (order == 0)
                order = Wished.CompareTo(other.Wished);
            return order != 0 ? order : Wait.CompareTo(other.Wait);
        }
    }
}
