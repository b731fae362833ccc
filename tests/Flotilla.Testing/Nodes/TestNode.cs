using Flotilla.Core;
using Flotilla.Node;
using Flotilla.Node.Runtimes;

namespace Flotilla.Testing.Nodes;

/// <summary>A real node inside the test's process, with a data folder of its own, against any gateway.</summary>
public sealed class TestNode : IAsyncDisposable
{
    private readonly NodeHost _host;
    private readonly string _folder;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestNode(NodeHost host, string folder)
    {
        _host = host;
        _folder = folder;
        _host.GatewayChanged += _ => Changed();
        Running = Task.Run(() => _host.RunAsync(_stop.Token));
        // A node that ends wakes those who wait for a state that will not come.
        _ = Running.ContinueWith(_ => Changed(), TaskScheduler.Default);
    }

    /// <summary>The node's id.</summary>
    public NodeId Id => _host.Id;

    /// <summary>The host itself.</summary>
    public NodeHost Host => _host;

    /// <summary>Ends with the node; faults with <see cref="NodeRefusedException"/> where no gateway lets it in.</summary>
    public Task Running { get; }

    /// <summary>Starts a node; does not wait for anything.</summary>
    /// <param name="gateway">The gateway's base address; plain http to loopback will do.</param>
    /// <param name="joinToken">Its join token, or null where the key is known.</param>
    /// <param name="runtime">What it runs.</param>
    /// <param name="configure">Changes to the options, for example to give a data folder that was used before.</param>
    /// <param name="time">The clock; the system's by default.</param>
    /// <param name="ids">Source of nonces and the key; the system's by default.</param>
    public static TestNode Start(Uri gateway, string? joinToken, IRuntime runtime, Func<NodeOptions, NodeOptions>? configure = null, TimeProvider? time = null, IIdSource? ids = null)
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-node-").FullName;
        var options = new NodeOptions { Gateways = [gateway], JoinToken = joinToken, DataFolder = folder, Name = "test", Slots = 64 };
        return new TestNode(new NodeHost(configure?.Invoke(options) ?? options, [runtime], time: time, ids: ids), folder);
    }

    /// <summary>Starts a node and waits until the gateway admitted all its models; the test jobs are then forgotten.</summary>
    public static async Task<TestNode> StartAdmittedAsync(Uri gateway, string? joinToken, ScriptedRuntime runtime, CancellationToken ct, Func<NodeOptions, NodeOptions>? configure = null)
    {
        var node = Start(gateway, joinToken, runtime, configure);
        try
        {
            foreach (var model in runtime.State.Models)
                await node.WhenAdmittedAsync(model.Name, ct);
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }

        runtime.ForgetRuns();
        return node;
    }

    /// <summary>Waits until the first gateway has this state; throws what ended the node if that comes first.</summary>
    public Task WhenAsync(GatewayState state, CancellationToken ct) => WhenAsync(s => s.State == state, ct);

    /// <summary>Waits until the first gateway admitted the model.</summary>
    public Task WhenAdmittedAsync(string model, CancellationToken ct) => WhenAsync(s => s.Admissions.Any(a => a.Model == model && a.Admitted), ct);

    /// <summary>Waits until the first gateway's status fulfils the condition.</summary>
    public async Task WhenAsync(Func<GatewayStatus, bool> condition, CancellationToken ct)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
                changed = _changed.Task;
            if (condition(_host.Gateways[0]))
                return;
            if (Running.IsCompleted)
            {
                await Running;
                throw new InvalidOperationException($"The node ended while a test waited; the gateway's last status is {_host.Gateways[0]}.");
            }

            await changed.WaitAsync(ct);
        }
    }

    /// <summary>Stops the node as SIGTERM would: drains, then ends.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Running;
    }

    /// <summary>Ends the node as kill -9 would: its connections drop without a word.</summary>
    public async Task KillAsync()
    {
        _host.Abort();
        await Running;
    }

    /// <summary>Drops the node and its data folder.</summary>
    public async ValueTask DisposeAsync()
    {
        _host.Abort();
        try
        {
            await Running;
        }
        catch (NodeRefusedException)
        {
            // The test looked at it, or did not care.
        }

        _host.Dispose();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Changed()
    {
        lock (_lock)
        {
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
