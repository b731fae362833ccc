using System.Net.WebSockets;
using System.Threading.Channels;
using Flotilla.Node.Work;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Links;

/// <summary>One session, from the Welcome to its end: reads, writes, beats, and at last drains.</summary>
internal sealed class LinkSession
{
    private readonly FrameSocket _socket;
    private readonly Welcome _welcome;
    private readonly NodeWork _node;
    private readonly NodeOptions _options;
    private readonly LinkReporter _report;
    private readonly Outbox _outbox;
    private readonly SessionJobs _jobs;
    private readonly TaskCompletionSource<string> _gatewayLeaves = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Prepares the session; the handshake is over.</summary>
    public LinkSession(FrameSocket socket, Welcome welcome, NodeWork node, NodeOptions options, LinkReporter report, AttemptMemory attempts)
    {
        _socket = socket;
        _welcome = welcome;
        _node = node;
        _options = options;
        _report = report;
        _outbox = new Outbox(welcome.SessionEpoch);
        _jobs = new SessionJobs(node, _outbox, attempts);
    }

    /// <summary>Runs until the link ends, or until the node stops and its jobs are done.</summary>
    /// <param name="stop">The node stops: drain.</param>
    /// <param name="abort">Drop everything.</param>
    public async Task<LinkEnd> RunAsync(CancellationToken stop, CancellationToken abort)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(abort);
        var reading = ReadAsync(over.Token);
        var sending = SendAsync(over.Token);
        var leaving = LeaveAsync(reading, sending, stop, over.Token);
        var background = Task.WhenAll(AdvertiseAsync(over.Token), BeatAsync(over.Token));
        var end = await FirstEndAsync(reading, sending, leaving, over.Token);
        _jobs.StopAll(StopReason.LinkGone);
        _outbox.Complete();
        await over.CancelAsync();
        await Task.WhenAll(reading, sending, leaving, background);
        return stop.IsCancellationRequested ? end with { Kind = LinkEndKind.Stopped } : end;
    }

    private async Task<LinkEnd> FirstEndAsync(Task<LinkEnd> reading, Task<LinkEnd> sending, Task<LinkEnd> leaving, CancellationToken ct)
    {
        var first = await Task.WhenAny(reading, sending, leaving);
        if (first != sending)
            return await first;
        // The sender is through first in a drain, where the close is still to come, and after a violation, which the reader
        // answers. A connection that broke ends the reader too.
        var others = Task.WhenAny(reading, leaving);
        if ((await sending).Kind != LinkEndKind.Closed)
            await Bounded(others, ct);
        else
            await others;
        return others.IsCompleted ? await await others : await sending;
    }

    private async Task<LinkEnd> ReadAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                var read = await _socket.ReadAsync(ct);
                if (read.Frame is { BodyCase: GatewayFrame.BodyOneofCase.Refused } last)
                    return NodeHandshake.Refusal(last.Refused);
                var (violation, closeWith) = read.Frame is { } frame ? (await TakeAsync(frame), WebSocketCloseStatus.ProtocolError) : (read.Violation, read.CloseWith);
                if (violation is not null)
                {
                    await _socket.CloseAfterAsync(closeWith, violation, _node.Time, ct);
                    return new LinkEnd(LinkEndKind.Violation, $"The gateway broke the protocol: {violation}.");
                }

                if (read.Frame is not null)
                    continue;
                await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", ct);
                return new LinkEnd(LinkEndKind.Closed, $"The gateway closed the link ({_socket.CloseReason}).");
            }
        }
        catch (Exception e) when (e is WebSocketException or ChannelClosedException or ObjectDisposedException)
        {
            return new LinkEnd(LinkEndKind.Lost, $"The connection broke: {e.InnerException?.Message ?? e.Message}");
        }
        catch (OperationCanceledException)
        {
            return new LinkEnd(LinkEndKind.Stopped, "The link was dropped.");
        }
    }

    private async ValueTask<string?> TakeAsync(GatewayFrame frame)
    {
        switch (frame.BodyCase)
        {
            case GatewayFrame.BodyOneofCase.Job:
                return await _jobs.StartAsync(frame.Job);
            case GatewayFrame.BodyOneofCase.JobPart:
                return _jobs.Append(frame.JobPart);
            case GatewayFrame.BodyOneofCase.Cancel:
                _jobs.Cancel(frame.Cancel);
                return null;
            case GatewayFrame.BodyOneofCase.Credit:
                _jobs.Grant(frame.Credit);
                return null;
            case GatewayFrame.BodyOneofCase.Admission:
                return Admission(frame.Admission);
            case GatewayFrame.BodyOneofCase.Drain:
                _gatewayLeaves.TrySetResult("the gateway goes away");
                return null;
            default:
                return $"it sent {frame.BodyCase} inside a session";
        }
    }

    private string? Admission(Admission word)
    {
        // Only names that were offered are kept or logged: a gateway cannot fill our memory with others.
        if (!_node.Catalog.Snapshot.Entries.ContainsKey(word.Model))
            return null;
        var reason = new string([.. word.Reason.Take(LinkLimits.MessageCharsMax).Where(c => !char.IsControl(c))]);
        if (word.Admitted)
            NodeLog.Admitted(_node.Logger, _report.Status.Gateway, word.Model);
        else
            NodeLog.NotAdmitted(_node.Logger, _report.Status.Gateway, word.Model, reason);
        _report.Admission(new ModelAdmission(word.Model, word.Admitted, reason));
        return null;
    }

    private async Task<LinkEnd> SendAsync(CancellationToken ct)
    {
        try
        {
            await _outbox.SendAllAsync(_socket, ct);
            return new LinkEnd(LinkEndKind.Closed, "Everything was sent.");
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException)
        {
            return new LinkEnd(LinkEndKind.Lost, $"The connection broke: {e.InnerException?.Message ?? e.Message}");
        }
        catch (OperationCanceledException)
        {
            return new LinkEnd(LinkEndKind.Stopped, "The link was dropped.");
        }
    }

    private async Task AdvertiseAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                var offer = _node.Catalog.Snapshot;
                var advertise = new Advertise { Slots = (uint)_node.Slots.Slots, Region = _options.Region };
                advertise.Models.Add(offer.Entries.Values.Select(e => e.Model));
                await _outbox.WriteAsync(new NodeFrame { Advertise = advertise });
                await offer.Replaced.WaitAsync(ct);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // The session is over.
        }
    }

    private async Task BeatAsync(CancellationToken ct)
    {
        var asked = TimeSpan.FromMilliseconds(_welcome.HeartbeatMs);
        var pause = asked < NodeLimits.HeartbeatMin ? NodeLimits.HeartbeatMin : asked > NodeLimits.HeartbeatMax ? NodeLimits.HeartbeatMax : asked;
        try
        {
            while (true)
            {
                await Task.Delay(pause, _node.Time, ct);
                await _outbox.WriteAsync(new NodeFrame { Status = new Status { Running = (uint)_node.Slots.Running, Slots = (uint)_node.Slots.Slots } });
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // The session is over.
        }
    }

    /// <summary>Waits for either side to leave; then no more jobs start, those that run get their time, and the link closes.</summary>
    private async Task<LinkEnd> LeaveAsync(Task reading, Task sending, CancellationToken stop, CancellationToken ct)
    {
        try
        {
            var nodeStops = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = stop.Register(nodeStops.SetResult);
            await Task.WhenAny(nodeStops.Task, _gatewayLeaves.Task).WaitAsync(ct);
            var reason = stop.IsCancellationRequested ? "the node stops" : "the gateway goes away";
            NodeLog.Draining(_node.Logger, _report.Status.Gateway, reason);
            _report.Now(GatewayState.Draining, reason);
            _jobs.Drain();
            // Before it is told: whoever sees the Drain may count on the clock running.
            var finishing = FinishJobsAsync(ct);
            await _outbox.WriteAsync(new NodeFrame { Drain = new Drain { Reason = reason } });
            await finishing;
            _outbox.Complete();
            await Bounded(sending, ct);
            await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, reason, ct);
            // The gateway's own close tells that it has read everything; dropping the socket earlier could take the last frames along.
            await Bounded(reading, ct);
            return new LinkEnd(stop.IsCancellationRequested ? LinkEndKind.Stopped : LinkEndKind.Closed, reason);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            return new LinkEnd(LinkEndKind.Stopped, "The link was dropped.");
        }
    }

    private async Task FinishJobsAsync(CancellationToken ct)
    {
        var idle = _jobs.WhenIdleAsync();
        try
        {
            await idle.WaitAsync(_options.DrainLimit, _node.Time, ct);
        }
        catch (TimeoutException)
        {
            NodeLog.DrainLimitReached(_node.Logger, _node.Slots.Running, _options.DrainLimit.TotalSeconds);
            _jobs.StopAll(StopReason.NodeStops);
            await Bounded(idle, ct);
        }
    }

    private async Task Bounded(Task task, CancellationToken ct) =>
        await Task.WhenAny(task, Task.Delay(NodeLimits.CloseTimeout, _node.Time, ct));
}
