using Flotilla.Core;
using Flotilla.Node.Links;
using Flotilla.Node.Runtimes;
using Flotilla.Node.Work;
using Flotilla.Protocol.Link;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Node;

/// <summary>A node: dials its gateways and does their jobs with its runtimes.</summary>
public sealed class NodeHost : IDisposable
{
    /// <summary>The key file's name inside the data folder.</summary>
    public const string KeyFileName = "node.key";

    private readonly NodeOptions _options;
    private readonly NodeWork _work;
    private readonly GatewayLink[] _links;
    private readonly CancellationTokenSource _abort = new();
    private IReadOnlyList<GatewayStatus>? _refusals;

    /// <summary>Prepares a node: reads or makes its key. Nothing is dialled yet.</summary>
    /// <param name="options">What the owner decided.</param>
    /// <param name="runtimes">What runs the models; the caller disposes them after <see cref="RunAsync"/>.</param>
    /// <param name="logs">Where logs go; nowhere by default.</param>
    /// <param name="time">The clock; the system's by default.</param>
    /// <param name="ids">Source of nonces, jitter and a new key; the system's by default.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message has all that <see cref="NodeOptionsValidator"/> found.</exception>
    /// <exception cref="InvalidDataException">A file in the data folder is damaged.</exception>
    public NodeHost(NodeOptions options, IReadOnlyList<IRuntime> runtimes, ILoggerFactory? logs = null, TimeProvider? time = null, IIdSource? ids = null)
    {
        if (NodeOptionsValidator.Errors(options) is { Count: > 0 } errors)
            throw new ArgumentException(string.Join(Environment.NewLine, errors), nameof(options));
        _options = options;
        time ??= TimeProvider.System;
        ids ??= SystemIdSource.Instance;
        var logger = (logs ?? NullLoggerFactory.Instance).CreateLogger("Flotilla.Node");
        var key = SigningKey.LoadOrCreate(Path.Combine(options.DataFolder, KeyFileName), ids);
        Id = NodeId.Of(key.PublicKey);
        _work = new NodeWork(key, Id, new RuntimeCatalog(runtimes, time, logger), new JobSlots(options.Slots), time, logger);
        var identity = new NodeIdentity(key, Id, options.Name, options.JoinToken ?? "");
        var handshake = new NodeHandshake(identity, new GatewayPins(options.DataFolder), time, ids);
        _links = [.. options.Gateways.Select(g => new GatewayLink(Address(g), handshake, _work, options, ids, OnChanged))];
    }

    /// <summary>Raised, one call at a time per gateway, whenever a gateway's status changes. A handler must not block or throw.</summary>
    public event Action<GatewayStatus>? GatewayChanged;

    /// <summary>This node.</summary>
    public NodeId Id { get; }

    /// <summary>How the node stands with each gateway, in the order of the options.</summary>
    public IReadOnlyList<GatewayStatus> Gateways => [.. _links.Select(l => l.Report.Status)];

    /// <summary>Jobs that run now.</summary>
    public int Running => _work.Slots.Running;

    /// <summary>A model as it is offered now, or null.</summary>
    public Model? Offer(string name) => _work.Catalog.Snapshot.Entries.GetValueOrDefault(name)?.Model;

    /// <summary>Names of the models that are offered now.</summary>
    public IReadOnlyList<string> Models => [.. _work.Catalog.Snapshot.Entries.Keys];

    /// <summary>Serves until it is told to stop; then finishes the running jobs within the drain limit.</summary>
    /// <param name="stop">Begins the drain.</param>
    /// <exception cref="NodeRefusedException">No gateway ever let the node in, and none will without a person's doing.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop, _abort.Token);
        Task watching = Task.CompletedTask;
        try
        {
            await _work.Catalog.RefreshAsync(over.Token);
            NodeLog.Starts(_work.Logger, Id.Value, Models.Count, _options.Slots);
            watching = _work.Catalog.WatchAsync(over.Token);
            await Task.WhenAll(_links.Select(l => l.RunAsync(over.Token, _abort.Token)));
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Stopped before the first link was dialled.
        }

        await over.CancelAsync();
        await EndedAsync(watching);
        await Task.WhenAny(_work.Slots.WhenIdleAsync(), Task.Delay(NodeLimits.CloseTimeout, _work.Time, CancellationToken.None));
        if (_refusals is { } refusals)
            throw new NodeRefusedException(refusals);
    }

    /// <summary>Drops every link and job at once, without a word to the gateways: for the second Ctrl-C, and for tests of a node's death.</summary>
    public void Abort() => _abort.Cancel();

    /// <summary>Frees the host after <see cref="RunAsync"/> has ended.</summary>
    public void Dispose() => _abort.Dispose();

    private static async Task EndedAsync(Task cancelled)
    {
        try
        {
            await cancelled;
        }
        catch (OperationCanceledException)
        {
            // As it was told to.
        }
    }

    private void OnChanged(GatewayStatus status)
    {
        GatewayChanged?.Invoke(status);
        if (status.State == GatewayState.Refused && _links.All(l => l.Report is { EverConnected: false, Status.State: GatewayState.Refused }))
        {
            _refusals = Gateways;
            Abort();
        }
    }

    private GatewayAddress Address(Uri gateway) =>
        GatewayAddress.TryParse(gateway, _options.AllowInsecure, out var address) is { } error ? throw new ArgumentException(error) : address!;
}
