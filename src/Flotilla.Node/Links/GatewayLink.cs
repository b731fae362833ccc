using System.Net.WebSockets;
using Flotilla.Core;
using Flotilla.Node.Work;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Links;

/// <summary>Keeps one gateway dialled for as long as the node runs.</summary>
internal sealed class GatewayLink
{
    private readonly GatewayAddress _gateway;
    private readonly NodeHandshake _handshake;
    private readonly NodeWork _node;
    private readonly NodeOptions _options;
    private readonly Backoff _backoff;
    private readonly AttemptMemory _attempts = new(NodeLimits.AttemptsRemembered);

    /// <summary>Prepares the link.</summary>
    public GatewayLink(GatewayAddress gateway, NodeHandshake handshake, NodeWork node, NodeOptions options, IIdSource random, Action<GatewayStatus> changed)
    {
        _gateway = gateway;
        _handshake = handshake;
        _node = node;
        _options = options;
        _backoff = new Backoff(random);
        Report = new LinkReporter(gateway.Link, changed);
    }

    /// <summary>How the link stands.</summary>
    public LinkReporter Report { get; }

    /// <summary>Dials, serves and dials again until the node stops.</summary>
    /// <param name="stop">The node stops: drain.</param>
    /// <param name="abort">Drop everything.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        while (!stop.IsCancellationRequested && !abort.IsCancellationRequested)
        {
            Report.Now(GatewayState.Connecting, "");
            var began = _node.Time.GetTimestamp();
            var end = await RunOnceAsync(stop, abort);
            if (end.Kind == LinkEndKind.Stopped)
                break;
            if (_node.Time.GetElapsedTime(began) >= NodeLimits.StableSession)
                _backoff.Reset();
            try
            {
                await PauseAsync(end, stop);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        Report.Now(GatewayState.Stopped, "");
    }

    private Task PauseAsync(LinkEnd end, CancellationToken stop)
    {
        var refused = end.Kind == LinkEndKind.RefusedForGood;
        var pause = refused ? _backoff.Jitter(NodeLimits.RefusedRetry) : _backoff.Next();
        // Before it is reported: whoever sees the state may count on the clock running.
        var waiting = Task.Delay(pause, _node.Time, stop);
        if (refused)
            NodeLog.LinkRefused(_node.Logger, _gateway.Link, end.Detail, pause.TotalSeconds);
        else
            NodeLog.LinkEnded(_node.Logger, _gateway.Link, end.Detail, pause.TotalSeconds);
        Report.Now(refused ? GatewayState.Refused : GatewayState.Waiting, end.Detail);
        return waiting;
    }

    private async Task<LinkEnd> RunOnceAsync(CancellationToken stop, CancellationToken abort)
    {
        FrameSocket? socket = null;
        try
        {
            Welcome? welcome;
            LinkEnd? end;
            using (var limit = new CancellationTokenSource(LinkLimits.HandshakeTimeout, _node.Time))
            using (var opening = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop, abort))
            {
                (socket, end) = await GatewayDialer.DialAsync(_gateway, opening.Token);
                if (socket is null)
                    return end!;
                (welcome, end) = await _handshake.RunAsync(socket, _gateway, opening.Token);
            }

            if (welcome is null)
                return end!;
            NodeLog.Connected(_node.Logger, _gateway.Link, welcome.SessionEpoch);
            Report.Now(GatewayState.Connected, "");
            return await new LinkSession(socket, welcome, _node, _options, Report, _attempts).RunAsync(stop, abort);
        }
        catch (OperationCanceledException)
        {
            return stop.IsCancellationRequested || abort.IsCancellationRequested
                ? new LinkEnd(LinkEndKind.Stopped, "The node stops.")
                : new LinkEnd(LinkEndKind.Unreachable, $"{_gateway.Link} did not finish the handshake within {LinkLimits.HandshakeTimeout.TotalSeconds} s.");
        }
        catch (WebSocketException e)
        {
            return new LinkEnd(LinkEndKind.Lost, $"The connection broke in the handshake: {e.InnerException?.Message ?? e.Message}");
        }
        finally
        {
            socket?.Dispose();
        }
    }
}
