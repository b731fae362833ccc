using System.Collections.Immutable;
using Flotilla.Core;

namespace Flotilla.Gateway.Nodes;

/// <summary>The connected nodes, and the fleet that they make.</summary>
/// <remarks>
/// Readers take <see cref="Snapshot"/> without a lock; every change builds the next snapshot whole. Which models were known is
/// kept in memory alone: after a restart a model counts as known again when its node is back (seconds), and before that where
/// it has a price or an alias, which the caller looks up.
/// </remarks>
internal sealed class NodeDirectory(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<NodeId, NodeSession> _sessions = [];
    private readonly Dictionary<string, DateTimeOffset> _since = new(StringComparer.Ordinal);
    private ImmutableHashSet<string> _gone = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
    private ImmutableQueue<string> _goneOrder = [];
    private volatile FleetSnapshot _snapshot = FleetSnapshot.Empty;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _lastEpoch;
    private string? _draining;

    /// <summary>The fleet now.</summary>
    public FleetSnapshot Snapshot => _snapshot;

    /// <summary>Whether new sessions are refused, because the gateway stops.</summary>
    public bool IsDraining => Volatile.Read(ref _draining) is not null;

    /// <summary>Every connected node, ordered by name and id.</summary>
    public IReadOnlyList<NodeSummary> Summaries() =>
        [.. Sessions().Select(s => s.Summary()).OrderBy(s => s.Name, StringComparer.Ordinal).ThenBy(s => s.Id.Value, StringComparer.Ordinal)];

    /// <summary>Ends the session of a node that was shut out, if it has one.</summary>
    public void Revoke(NodeId id)
    {
        NodeSession? session;
        lock (_lock)
            session = _sessions.GetValueOrDefault(id);
        session?.Close(SessionEnd.Revoked);
    }

    /// <summary>Takes no more sessions and tells the nodes to dial elsewhere; what runs goes on.</summary>
    /// <param name="reason">For the nodes' logs.</param>
    public void Drain(string reason)
    {
        Volatile.Write(ref _draining, reason);
        foreach (var session in Sessions())
            session.Drain(reason);
        Publish();
    }

    /// <summary>Ends every session.</summary>
    public void CloseAll()
    {
        foreach (var session in Sessions())
            session.Close(SessionEnd.Stopping);
    }

    /// <summary>Waits until the fleet is as asked.</summary>
    public async Task<FleetSnapshot> WaitAsync(Func<FleetSnapshot, bool> isReady, CancellationToken ct)
    {
        while (true)
        {
            // The signal is taken before the look, so that a change between the two is not slept through.
            Task changed;
            lock (_lock)
                changed = _changed.Task;
            var snapshot = _snapshot;
            if (isReady(snapshot))
                return snapshot;
            await changed.WaitAsync(ct);
        }
    }

    /// <summary>The number of a new session: higher than every one before, also than those before a restart (as long as the clock was not set back, and then no older session is left to fence).</summary>
    internal ulong NextEpoch()
    {
        lock (_lock)
            return _lastEpoch = Math.Max(_lastEpoch + 1, (ulong)time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    /// <summary>Takes in a session; of two of one node, the later stays.</summary>
    /// <returns>The session that was fenced, if any; closed already.</returns>
    internal NodeSession? Enter(NodeSession session)
    {
        NodeSession? fenced;
        lock (_lock)
        {
            fenced = _sessions.GetValueOrDefault(session.Id);
            if (fenced is not null && fenced.Epoch > session.Epoch)
                fenced = session;
            else
                _sessions[session.Id] = session;
        }

        fenced?.Close(SessionEnd.Fenced);
        // Its handshake may have begun before the drain; then CloseAll has passed it by.
        if (IsDraining)
            session.Close(SessionEnd.Stopping);
        return fenced;
    }

    /// <summary>Takes out a session that ended.</summary>
    internal void Leave(NodeSession session)
    {
        lock (_lock)
        {
            if (_sessions.GetValueOrDefault(session.Id) == session)
                _sessions.Remove(session.Id);
        }

        Publish();
    }

    /// <summary>Builds the next snapshot.</summary>
    internal void Publish()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            var nodes = new Dictionary<string, (ImmutableArray<NodeSession>.Builder Nodes, ImmutableArray<ModelOffer>.Builder Offers)>(StringComparer.Ordinal);
            foreach (var session in _sessions.Values)
            {
                foreach (var offer in session.AdmittedOffers())
                {
                    if (!nodes.TryGetValue(offer.Name, out var model))
                        nodes.Add(offer.Name, model = (ImmutableArray.CreateBuilder<NodeSession>(), ImmutableArray.CreateBuilder<ModelOffer>()));
                    model.Nodes.Add(session);
                    model.Offers.Add(offer);
                }
            }

            Remember(nodes.Keys);
            var models = nodes.ToDictionary(
                n => n.Key, n => new FleetModel(n.Value.Nodes.ToImmutable(), n.Value.Offers.ToImmutable(), _since[n.Key]), StringComparer.Ordinal);
            _snapshot = new FleetSnapshot(models, _gone);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    private void Remember(Dictionary<string, (ImmutableArray<NodeSession>.Builder, ImmutableArray<ModelOffer>.Builder)>.KeyCollection served)
    {
        foreach (var model in served)
            _since.TryAdd(model, time.GetUtcNow());
        foreach (var model in _snapshot.Models)
        {
            if (!served.Contains(model) && !_gone.Contains(model))
            {
                _gone = _gone.Add(model);
                _goneOrder = _goneOrder.Enqueue(model);
            }
        }

        var back = _gone.Where(served.Contains).ToList();
        if (back.Count > 0)
        {
            _gone = _gone.Except(back);
            _goneOrder = [.. _goneOrder.Where(_gone.Contains)];
        }

        while (_gone.Count > NodeLimits.KnownModelsMax)
        {
            _goneOrder = _goneOrder.Dequeue(out var oldest);
            _gone = _gone.Remove(oldest);
            _since.Remove(oldest);
        }
    }

    private NodeSession[] Sessions()
    {
        lock (_lock)
            return [.. _sessions.Values];
    }
}
