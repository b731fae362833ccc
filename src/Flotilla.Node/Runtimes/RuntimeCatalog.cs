using Flotilla.Protocol.Link;
using Microsoft.Extensions.Logging;

namespace Flotilla.Node.Runtimes;

/// <summary>Looks at the runtimes now and then, and holds what they offer together as an immutable snapshot, swapped whole.</summary>
internal sealed class RuntimeCatalog(IReadOnlyList<IRuntime> runtimes, TimeProvider time, ILogger logger)
{
    private readonly string?[] _problems = new string?[runtimes.Count];
    private TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile CatalogSnapshot? _snapshot;

    /// <summary>What is offered now.</summary>
    public CatalogSnapshot Snapshot => _snapshot ?? new CatalogSnapshot(new Dictionary<string, CatalogEntry>(), _replaced.Task);

    /// <summary>Looks at every runtime, again and again.</summary>
    public async Task WatchAsync(CancellationToken ct)
    {
        while (true)
        {
            await Task.Delay(NodeLimits.ProbeInterval, time, ct);
            await RefreshAsync(ct);
        }
    }

    /// <summary>Looks at every runtime once.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        var states = await Task.WhenAll(runtimes.Select(r => ProbeAsync(r, ct)));
        var entries = new Dictionary<string, CatalogEntry>(StringComparer.Ordinal);
        for (var i = 0; i < runtimes.Count; i++)
        {
            Report(i, states[i].Problem);
            foreach (var model in states[i].Models)
                Offer(entries, runtimes[i], model);
        }

        if (_snapshot is { } old && Same(old.Entries, entries))
            return;
        var replaced = _replaced;
        _replaced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _snapshot = new CatalogSnapshot(entries, _replaced.Task);
        replaced.SetResult();
    }

    private async Task<RuntimeState> ProbeAsync(IRuntime runtime, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(NodeLimits.ProbeTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            return await runtime.ProbeAsync(both.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new RuntimeState([], $"no answer within {NodeLimits.ProbeTimeout.TotalSeconds} s");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A runtime that throws here is broken; the others still serve.
            NodeLog.ProbeBroke(logger, e, runtime.Kind);
            return new RuntimeState([], e.Message);
        }
    }

    private void Report(int index, string? problem)
    {
        if (_problems[index] == problem)
            return;
        _problems[index] = problem;
        if (problem is null)
            NodeLog.RuntimeWell(logger, runtimes[index].Kind);
        else
            NodeLog.RuntimeProblem(logger, runtimes[index].Kind, problem);
    }

    private void Offer(Dictionary<string, CatalogEntry> entries, IRuntime runtime, Model model)
    {
        if (!LinkNames.IsName(model.Name))
            NodeLog.ModelSkipped(logger, runtime.Kind, model.Name.Length, LinkNames.Rule);
        else if (entries.Count == LinkLimits.ModelsMax)
            NodeLog.ModelSkipped(logger, runtime.Kind, model.Name.Length, $"a node offers at most {LinkLimits.ModelsMax} models");
        else if (!entries.TryAdd(model.Name, new CatalogEntry(runtime, model)) && entries[model.Name].Runtime != runtime)
            NodeLog.ModelTwice(logger, model.Name, entries[model.Name].Runtime.Kind);
    }

    private static bool Same(IReadOnlyDictionary<string, CatalogEntry> a, Dictionary<string, CatalogEntry> b) =>
        a.Count == b.Count && b.All(e => a.TryGetValue(e.Key, out var other) && other.Runtime == e.Value.Runtime && other.Model.Equals(e.Value.Model));
}
