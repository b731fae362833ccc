using Flotilla.Node;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cli.Hosting;

/// <summary>A node in this process, from its start to the end of its drain.</summary>
internal sealed class LocalNode : IAsyncDisposable
{
    private readonly NodeHost _host;
    private readonly IReadOnlyList<IRuntime> _runtimes;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _admitted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LocalNode(NodeOptions options, IReadOnlyList<IRuntime> runtimes, ILoggerFactory logs, Action<GatewayStatus>? onChange)
    {
        _runtimes = runtimes;
        _host = new NodeHost(options, runtimes, logs);
        _host.GatewayChanged += status =>
        {
            if (status.Admissions.Any(admission => admission.Admitted))
                _admitted.TrySetResult();
            onChange?.Invoke(status);
        };
        Over = _host.RunAsync(_stop.Token);
    }

    /// <summary>Ends when the node has stopped; fails when no gateway lets it in.</summary>
    public Task Over { get; }

    /// <summary>How it stands with each gateway.</summary>
    public IReadOnlyList<GatewayStatus> Gateways => _host.Gateways;

    /// <summary>The models that some gateway has admitted, in order of their names.</summary>
    public IReadOnlyList<Model> AdmittedModels =>
        [.. _host.Gateways.SelectMany(gateway => gateway.Admissions).Where(one => one.Admitted).Select(one => one.Model).Distinct().Order(StringComparer.Ordinal).Select(_host.Offer).OfType<Model>()];

    /// <summary>Its id.</summary>
    public string Id => _host.Id.Value;

    /// <summary>Starts a node; it owns the runtimes from here on.</summary>
    public static LocalNode Start(NodeOptions options, IReadOnlyList<IRuntime> runtimes, ILoggerFactory logs, Action<GatewayStatus>? onChange = null) =>
        new(options, runtimes, logs, onChange);

    /// <summary>Waits until a gateway has admitted one of its models.</summary>
    /// <returns>Whether that happened in time.</returns>
    /// <exception cref="NodeRefusedException">No gateway lets the node in.</exception>
    public async Task<bool> WaitAdmittedAsync(TimeSpan limit, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var first = await Task.WhenAny(_admitted.Task, Over, Task.Delay(limit, TimeProvider.System, over.Token));
        await over.CancelAsync();
        ct.ThrowIfCancellationRequested();
        if (first == Over)
            await Over;
        return _admitted.Task.IsCompleted;
    }

    /// <summary>Finishes the running jobs and leaves.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Over;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // Its failure was seen by whoever awaited Over; here only the end counts.
        await Task.WhenAny(Over);
        _host.Dispose();
        _stop.Dispose();
        foreach (var runtime in _runtimes)
        {
            if (runtime is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync();
            else if (runtime is IDisposable disposable)
                disposable.Dispose();
        }
    }
}
