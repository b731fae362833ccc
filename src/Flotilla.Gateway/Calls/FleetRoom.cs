using Flotilla.Gateway.Ensembles;
using Flotilla.Gateway.Nodes;
using Flotilla.Gateway.Stages;

namespace Flotilla.Gateway.Calls;

/// <summary>How much work for which no client waits at a socket may run now: what the fleet has free, less a rest for those who do wait.</summary>
internal sealed class FleetRoom(NodeDirectory nodes, Resolve resolve, Roll roll, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _owners = new(StringComparer.Ordinal);
    private TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _total;

    /// <summary>Takes a place for one call; <see cref="Leave"/> gives it back.</summary>
    /// <param name="owner">The namespace for which it runs.</param>
    /// <param name="model">As the client names it; null where one name does not say it.</param>
    /// <param name="evenIfUnknown">Whether a model that nobody ever offered is no reason to wait: the call learns that it does not exist.</param>
    /// <param name="evenIfFull">Whether the fleet is to be asked whatever it has free: the last try before patience ends.</param>
    /// <returns>Null where there is no room.</returns>
    public FleetPlace? TryEnter(string owner, string? model, bool evenIfUnknown, bool evenIfFull = false)
    {
        string[] names = model is null ? [] : [.. roll.Parts(model).Select(resolve.Canonical).Distinct(StringComparer.Ordinal)];
        lock (_lock)
        {
            var owned = _owners.GetValueOrDefault(owner);
            if (_total >= GatewayLimits.BackgroundCallsMax || owned >= GatewayLimits.BackgroundCallsPerNamespaceMax
                || !(evenIfFull || names.All(name => HasRoom(name, evenIfUnknown))))
                return null;
            foreach (var name in names)
                _running[name] = _running.GetValueOrDefault(name) + 1;
            _owners[owner] = owned + 1;
            _total++;
            return new FleetPlace(owner, names);
        }
    }

    /// <summary>Whether the namespace runs as many calls as one may.</summary>
    public bool IsFullFor(string owner)
    {
        lock (_lock)
            return _owners.GetValueOrDefault(owner) >= GatewayLimits.BackgroundCallsPerNamespaceMax;
    }

    /// <summary>The call is over.</summary>
    public void Leave(FleetPlace place)
    {
        TaskCompletionSource left;
        lock (_lock)
        {
            foreach (var name in place.Models)
            {
                if (--_running[name] == 0)
                    _running.Remove(name);
            }

            if (--_owners[place.Owner] == 0)
                _owners.Remove(place.Owner);
            _total--;
            left = _left;
            _left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        left.SetResult();
    }

    /// <summary>Waits until room may have come: a call of ours has left, or it is time to look at the fleet again.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        Task left;
        lock (_lock)
            left = _left.Task;
        using var look = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(left, Task.Delay(GatewayLimits.FleetLookInterval, time, look.Token));
        await look.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
    }

    private bool HasRoom(string name, bool evenIfUnknown)
    {
        var mine = _running.GetValueOrDefault(name);
        var fleet = nodes.Snapshot;
        var serving = fleet.Serving(name);
        if (serving.Length == 0)
            return evenIfUnknown && !resolve.IsKnown(name, fleet);
        long slots = 0;
        long load = 0;
        foreach (var node in serving)
        {
            slots += node.Slots;
            load += node.Load;
        }

        // Nodes count our calls too, those that have reached them; what is left over is other people's.
        var others = Math.Max(0, load - mine);
        return mine < slots - (slots / GatewayLimits.ForegroundPart) - others;
    }
}
