using System.Net.WebSockets;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Nodes;

/// <content>What the node says.</content>
internal sealed partial class NodeSession
{
    private volatile Advertised _advertised = Advertised.Nothing;
    private long _heardAt;
    private int _slots;
    private int _othersRunning;
    private int _controlFrames;
    private bool _isDraining;

    /// <summary>Serves the session until its connection has ended. Never throws for what the node does.</summary>
    internal async Task RunAsync()
    {
        using var reader = new LinkReader(_socket);
        await using (_services.Time.CreateTimer(_ => Tick(), null, NodeLimits.Tick, NodeLimits.Tick))
        {
            var sending = _outbox.RunAsync(_stop.Token);
            var admitting = AdmitAsync();
            try
            {
                await ReceiveAsync(reader);
            }
            finally
            {
                // Also after a bug of ours: nobody may wait for attempts whose frames nobody reads.
                Close(SessionEnd.Gone);
            }

            // Whoever closed the session must be through with it before it is taken apart.
            await _closed.Task;
            await sending;
            await _stop.CancelAsync();
            await admitting;
        }
    }

    private async Task ReceiveAsync(LinkReader reader)
    {
        while (_end is null)
        {
            var read = await reader.ReadAsync(LinkLimits.FrameBytesMax, _stop.Token);
            if (_end is not null)
                break;
            if (EndOf(read) is { } end)
                Close(end);
        }

        if (_end != SessionEnd.Gone)
            await reader.DrainAsync(_stop.Token);
    }

    private SessionEnd? EndOf(LinkRead read)
    {
        switch (read.Kind)
        {
            case LinkReadKind.Frame:
                if (!LinkCodec.TryRead(NodeFrame.Parser, read.Bytes.Span, out var frame))
                    return SessionEnd.Violation($"a message of {read.Bytes.Length} bytes that is no NodeFrame");
                Volatile.Write(ref _heardAt, _services.Time.GetTimestamp());
                return Handle(frame, read.Bytes.Length) is { } wrong ? SessionEnd.Violation(wrong) : null;
            case LinkReadKind.TooLong:
                return SessionEnd.Violation($"a frame of more than {LinkLimits.FrameBytesMax} bytes", WebSocketCloseStatus.MessageTooBig);
            case LinkReadKind.Text:
                return SessionEnd.Violation("a text message; frames are binary", WebSocketCloseStatus.InvalidMessageType);
            case LinkReadKind.Fragmented:
                return SessionEnd.Violation("a message in too many fragments");
            default:
                return SessionEnd.Gone;
        }
    }

    private string? Handle(NodeFrame frame, int bytes)
    {
        if (frame.SessionEpoch != Epoch)
            return $"a frame of session {frame.SessionEpoch} in session {Epoch}";
        switch (frame.BodyCase)
        {
            case NodeFrame.BodyOneofCase.Events:
                return OfAttempt("JobEvents", frame.Events.JobId, frame.Events.Attempt, bytes, out var events) ?? Prefixed(events, events?.OnEvents(frame.Events));
            case NodeFrame.BodyOneofCase.Accepted:
                return OfAttempt("Accepted", frame.Accepted.JobId, frame.Accepted.Attempt, bytes, out var accepted) ?? Prefixed(accepted, accepted?.OnAccepted());
            case NodeFrame.BodyOneofCase.Done:
                return OfAttempt("Done", frame.Done.JobId, frame.Done.Attempt, bytes, out var done) ?? Prefixed(done, done?.OnDone(frame.Done));
            case NodeFrame.BodyOneofCase.Failed:
                return OfAttempt("Failed", frame.Failed.JobId, frame.Failed.Attempt, bytes, out var failed) ?? Prefixed(failed, failed?.OnFailed(frame.Failed));
            case NodeFrame.BodyOneofCase.Rejected:
                return OfAttempt("Rejected", frame.Rejected.JobId, frame.Rejected.Attempt, bytes, out var refused) ?? Prefixed(refused, refused?.OnRejected(frame.Rejected));
            default:
                return HandleControl(frame);
        }
    }

    private string? HandleControl(NodeFrame frame)
    {
        if (Interlocked.Increment(ref _controlFrames) > NodeLimits.ControlFramesPerTickMax)
            return $"more than {NodeLimits.ControlFramesPerTickMax} control frames in {NodeLimits.Tick.TotalSeconds} s";
        switch (frame.BodyCase)
        {
            case NodeFrame.BodyOneofCase.Status:
                return HandleStatus(frame.Status);
            case NodeFrame.BodyOneofCase.Advertise:
                return HandleAdvertise(frame.Advertise);
            case NodeFrame.BodyOneofCase.Drain:
                Volatile.Write(ref _isDraining, true);
                _services.Directory.Publish();
                return null;
            case NodeFrame.BodyOneofCase.Hello:
                return "a second Hello";
            default:
                return "a frame without a body that this version knows";
        }
    }

    private string? HandleStatus(Status status)
    {
        if (status.Slots > LinkLimits.SlotsMax || status.Running > LinkLimits.SlotsMax)
            return $"a Status with {status.Running} running and {status.Slots} slots; the limit is {LinkLimits.SlotsMax}";
        // What runs there beyond our own count was sent by other gateways; our own count is newer than any Status.
        Volatile.Write(ref _othersRunning, Math.Max(0, (int)status.Running - Running));
        Volatile.Write(ref _slots, (int)status.Slots);
        return null;
    }

    /// <summary>Null when the attempt runs here or a late frame was dropped; else what is wrong.</summary>
    private string? OfAttempt(string kind, string job, uint number, int bytes, out JobAttempt? attempt)
    {
        attempt = _attempts.Find(job, number);
        if (attempt is not null)
            return null;
        if (!_attempts.IsLate(job, number, bytes))
            return $"{kind} for attempt {number} of a job that this node was not given: {NodeText.Clean(job, LinkLimits.NameCharsMax)}";
        Interlocked.Increment(ref _lateFrames);
        return null;
    }

    private static string? Prefixed(JobAttempt? attempt, string? wrong) => wrong is null ? null : $"{attempt!.Job} attempt {attempt.Number}: {wrong}";

    /// <summary>Runs twice a second, on the clock's thread.</summary>
    private void Tick()
    {
        if (_end is not null)
            return;
        var time = _services.Time;
        Interlocked.Exchange(ref _controlFrames, 0);
        if (!_services.Registry.IsWelcome(Id))
            Close(SessionEnd.Revoked);
        else if (time.GetElapsedTime(Volatile.Read(ref _heardAt)) > LinkLimits.SilenceMax)
            Close(SessionEnd.Silent);
        else if (_outbox.Stalled > NodeLimits.SendStallMax)
            Close(SessionEnd.NotReading($"a frame waited {NodeLimits.SendStallMax.TotalSeconds} s for this node"));
        var now = time.GetTimestamp();
        foreach (var attempt in _attempts.Live())
            attempt.Tick(now);
    }
}
