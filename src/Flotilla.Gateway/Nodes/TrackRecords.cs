using System.Collections.Concurrent;
using Flotilla.Core;

namespace Flotilla.Gateway.Nodes;

/// <summary>The track records of all nodes, and what clients wait for each model.</summary>
internal sealed class TrackRecords(TimeProvider time)
{
    private readonly ConcurrentDictionary<NodeId, TrackRecord> _nodes = new();
    private readonly ConcurrentDictionary<string, RecentWaits> _models = new(StringComparer.Ordinal);

    /// <summary>The node's record.</summary>
    public TrackRecord Of(NodeId node)
    {
        if (_nodes.TryGetValue(node, out var record))
            return record;
        // Whoever has a record here was let in by a token; a table this large is many years of comers and goers.
        if (_nodes.Count >= NodeLimits.TrackRecordsMax)
            _nodes.Clear();
        return _nodes.GetOrAdd(node, _ => new TrackRecord(time));
    }

    /// <summary>A job was served.</summary>
    public void Succeeded(NodeId node, string model, TimeSpan? firstToken, double? tokensPerSecond)
    {
        Of(node).Succeeded(model, firstToken, tokensPerSecond);
        if (firstToken is not { } wait)
            return;
        if (_models.Count >= NodeLimits.KnownModelsMax)
            _models.Clear();
        _models.GetOrAdd(model, _ => new RecentWaits()).Add(wait);
    }

    /// <summary>Median time to the first token over the model's last streams; null before the first.</summary>
    public TimeSpan? MedianWait(string model) => _models.TryGetValue(model, out var waits) ? waits.Median() : null;
}
