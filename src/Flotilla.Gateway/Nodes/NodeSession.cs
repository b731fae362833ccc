using System.Net.WebSockets;
using Flotilla.Core;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Gateway.Nodes;

/// <summary>One connected node, from the end of its handshake to the end of its connection.</summary>
/// <remarks>
/// One task receives, one sends, one tests what the node advertises; a timer looks for silence. <see cref="Close"/> may be called
/// from anywhere: attempts and directory hear of it before it returns, the node when it reads.
/// </remarks>
internal sealed partial class NodeSession : IDisposable
{
    private readonly WebSocket _socket;
    private readonly NodePeer _peer;
    private readonly NodeLinkServices _services;
    private readonly Outbox _outbox;
    private readonly AttemptTable _attempts = new();
    private readonly CancellationTokenSource _stop;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private volatile SessionEnd? _end;
    private long _lateFrames;

    internal NodeSession(WebSocket socket, NodePeer peer, ulong epoch, NodeLinkServices services)
    {
        _socket = socket;
        _peer = peer;
        _services = services;
        _outbox = new Outbox(socket, services.Time);
        _stop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, services.Time);
        _heardAt = services.Time.GetTimestamp();
        Epoch = epoch;
        ConnectedSince = services.Time.GetUtcNow();
    }

    /// <summary>The node, from its key.</summary>
    public NodeId Id => _peer.Id;

    /// <summary>Number of the session; rises with every session of the same node.</summary>
    public ulong Epoch { get; }

    /// <summary>The node's own name.</summary>
    public string Name => _peer.Name;

    /// <summary>NA, EU, SEA, ME, SA or empty.</summary>
    public string Region => _advertised.Region;

    /// <summary>Who earns what it does.</summary>
    public AccountId Operator => _peer.Operator;

    /// <summary>Its key, 32 bytes.</summary>
    public ReadOnlyMemory<byte> PublicKey => _peer.PublicKey;

    /// <summary>Jobs that it runs at once.</summary>
    public int Slots => Volatile.Read(ref _slots);

    /// <summary>Attempts that this gateway started there and that are not over.</summary>
    public int Running => _attempts.Count;

    /// <summary>Attempts that run there, those of other gateways included as far as its last Status told.</summary>
    public int Load => Running + Volatile.Read(ref _othersRunning);

    /// <summary>When it connected.</summary>
    public DateTimeOffset ConnectedSince { get; }

    /// <summary>Whether it takes no more jobs.</summary>
    public bool IsDraining => Volatile.Read(ref _isDraining);

    /// <summary>Frames that came for attempts already over.</summary>
    public long LateFrames => Interlocked.Read(ref _lateFrames);

    /// <summary>The model as the node offers it, or null where it does not or was not admitted with it.</summary>
    public ModelOffer? Offer(string model) =>
        _advertised.Models.GetValueOrDefault(model) is { State: AdmissionState.Admitted } entry ? entry.Offer : null;

    /// <summary>Sends a job. Never fails: an attempt that could not start is lost, and says so when it is read.</summary>
    /// <exception cref="ArgumentException">The session was given this attempt before.</exception>
    public JobAttempt Start(JobSpec spec)
    {
        var entry = _advertised.Models.GetValueOrDefault(spec.Model);
        var attempt = new JobAttempt(this, _peer, spec, entry?.Offer ?? ModelOffer.None);
        if (entry is null)
        {
            attempt.End(new AttemptItem.Lost(LostReason.NotOffered, $"{Id} does not offer the model {spec.Model} any more"));
            return attempt;
        }

        if (!_attempts.Add(attempt))
        {
            attempt.End(LostBy(_end ?? SessionEnd.Gone));
            return attempt;
        }

        var first = spec.Request.AsMemory(0, Math.Min(spec.Request.Length, LinkLimits.RequestPartBytesMax));
        var rest = spec.Request.AsMemory(first.Length);
        Send(new GatewayFrame { Job = JobFrame(spec, first) }, rest.IsEmpty ? null : new JobUpload(attempt, rest));
        return attempt;
    }

    /// <summary>Ends the session, once. Its attempts are lost and the fleet is without it when this returns.</summary>
    public void Close(SessionEnd end)
    {
        lock (_lock)
        {
            if (_end is not null)
                return;
            _end = end;
        }

        var lost = _attempts.Close();
        _services.Directory.Leave(this);
        foreach (var attempt in lost)
            attempt.End(LostBy(end));
        var refused = end.Refusal is { } reason ? new GatewayFrame { Refused = new Refused { Reason = reason, Message = end.Message } } : null;
        _outbox.Complete(refused, end.Status, end.Message);
        _stop.CancelAfter(NodeLimits.CloseTimeout);
        _closed.SetResult();
        NodeLog.Ended(_services.Log, Id, Epoch, end.Lost, NodeText.Clean(end.Message, LinkLimits.MessageCharsMax), lost.Length);
    }

    /// <summary>Tells the node to go: it gets no more jobs, and dials again elsewhere or later.</summary>
    public void Drain(string reason)
    {
        Volatile.Write(ref _isDraining, true);
        Send(new GatewayFrame { Drain = new Drain { Reason = reason } });
    }

    /// <summary>Frees what is left after <see cref="RunAsync"/>.</summary>
    public void Dispose() => _stop.Dispose();

    /// <summary>For people.</summary>
    public NodeSummary Summary() => new(
        Id, Name, Region, Operator,
        [.. _advertised.Models.Values.Select(m => new NodeModelSummary(m.Offer.Name, m.State == AdmissionState.Admitted, m.Reason))],
        Running, Slots, IsDraining, ConnectedSince, _peer.RemoteAddress, _peer.Software, LateFrames);

    /// <summary>The offers of a session that can be given jobs now.</summary>
    internal IEnumerable<ModelOffer> AdmittedOffers() =>
        IsDraining ? [] : _advertised.Models.Values.Where(m => m.State == AdmissionState.Admitted).Select(m => m.Offer);

    /// <summary>Queues a frame; a node whose queue is full does not read and is closed.</summary>
    internal void Send(GatewayFrame frame, JobUpload? upload = null)
    {
        if (!_outbox.TrySend(frame, upload) && _end is null)
            Close(SessionEnd.NotReading($"{NodeLimits.OutboxFramesMax} frames wait for this node"));
    }

    /// <summary>An attempt is over; the slot is free.</summary>
    internal void Ended(JobAttempt attempt) => _attempts.End(attempt);

    /// <summary>The timestamp that far in the future.</summary>
    internal long TicksAfter(TimeSpan span) =>
        _services.Time.GetTimestamp() + (long)(span.TotalSeconds * _services.Time.TimestampFrequency);

    private static AttemptItem.Lost LostBy(SessionEnd end) => new(end.Lost, end.Message);

    private Job JobFrame(JobSpec spec, ReadOnlyMemory<byte> request) => new()
    {
        JobId = spec.Job.Value,
        Attempt = spec.Attempt,
        Model = spec.Model,
        Kind = spec.Kind.Number,
        Request = UnsafeByteOperations.UnsafeWrap(request),
        RequestBytes = (uint)spec.Request.Length,
        Seed = spec.Seed,
        DeadlineMs = (uint)Math.Clamp(spec.Deadline.TotalMilliseconds, 0, uint.MaxValue),
        WindowBytes = LinkLimits.WindowBytes,
        Salt = UnsafeByteOperations.UnsafeWrap(spec.Salt),
        Gather = spec.Gather,
        PrefixSalt = spec.Namespace is { } asking ? UnsafeByteOperations.UnsafeWrap(_services.Prefixes.For(Id, asking)) : ByteString.Empty,
    };
}
