using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Flotilla.Core;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Nodes;

/// <summary>One attempt at a job on one node.</summary>
/// <remarks>
/// Three parties touch it. The session's receive loop hands in frames (one thread at a time) and checks them against
/// <see cref="AttemptRules"/>. The relay reads them (one reader), which is also where signatures are verified, so that
/// hashing and curve arithmetic never hold up another job's frames. Anybody may end it.
/// </remarks>
internal sealed class JobAttempt : IAsyncDisposable
{
    private readonly Channel<AttemptItem> _items = Channel.CreateUnbounded<AttemptItem>(new UnboundedChannelOptions { SingleReader = true });
    private readonly JobSpec _spec;
    private readonly AttemptRules _rules;
    private readonly AttemptEvidence _evidence;
    private AttemptItem? _last;
    private long _overdueAt;
    private int _unanswered;
    private int _flushed;
    private int _isCancelled;
    private int _isOver;
    private volatile bool _isRequestSent;
    private volatile bool _isAbandoned;

    internal JobAttempt(NodeSession node, NodePeer peer, JobSpec spec, ModelOffer offer)
    {
        Node = node;
        _spec = spec;
        _rules = new AttemptRules(spec, offer);
        _evidence = new AttemptEvidence(spec, peer, offer);
        _overdueAt = spec.Deadline > TimeSpan.Zero ? node.TicksAfter(spec.Deadline + NodeLimits.OverdueGrace) : long.MaxValue;
        _isRequestSent = spec.Request.Length <= LinkLimits.RequestPartBytesMax;
    }

    /// <summary>The session that runs it.</summary>
    public NodeSession Node { get; }

    /// <summary>The job.</summary>
    public JobId Job => _spec.Job;

    /// <summary>Which attempt at the job, from 1.</summary>
    public uint Number => _spec.Attempt;

    internal (string Job, uint Attempt) Key => (_spec.Job.Value, _spec.Attempt);

    /// <summary>Whether the parts of the request that are not sent yet are still needed.</summary>
    internal bool WantsRequest => Volatile.Read(ref _isCancelled) == 0 && !IsOver;

    private bool IsOver => Volatile.Read(ref _isOver) != 0;

    /// <summary>The next thing the node said. The last item is given again to whoever asks again.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is lost, and the attempt goes on.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<AttemptItem> ReadAsync(CancellationToken ct) =>
        TryRead(out var item) ? item : Take(await _items.Reader.ReadAsync(ct));

    /// <summary>What the node has said already, if anything waits; as <see cref="ReadAsync"/>.</summary>
    public bool TryRead([NotNullWhen(true)] out AttemptItem? item)
    {
        item = _last;
        if (item is null && _items.Reader.TryRead(out var next))
            item = Take(next);
        return item is not null;
    }

    private AttemptItem Take(AttemptItem item)
    {
        if (item is AttemptItem.Events events)
            _evidence.Append(events.Frame);
        else if (item.IsLast)
            _last = item = item is AttemptItem.Done done ? Verified(done) : item;
        return item;
    }

    /// <summary>Says that the client has these event bytes, so that the node may send as many more.</summary>
    /// <param name="bytes">From <see cref="AttemptItem.Events"/>.</param>
    public void Flushed(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        // In batches: a frame for every chunk would cost as much as the chunk.
        if (Interlocked.Add(ref _flushed, bytes) >= LinkLimits.WindowBytes / 2)
            GrantFlushed();
    }

    /// <summary>Asks the node to stop. Idempotent; a Done that says so, or another last item, follows.</summary>
    /// <param name="reason">For the node's log; nothing of the caller.</param>
    public void Cancel(string reason)
    {
        if (IsOver || Interlocked.Exchange(ref _isCancelled, 1) != 0)
            return;
        Volatile.Write(ref _overdueAt, Math.Min(Volatile.Read(ref _overdueAt), Node.TicksAfter(NodeLimits.OverdueGrace)));
        Node.Send(new GatewayFrame { Cancel = new Cancel { JobId = Job.Value, Attempt = Number, Reason = reason } });
    }

    /// <summary>Lets go of it; an attempt that still runs is cancelled, and holds its slot until the node says that it ended.</summary>
    public ValueTask DisposeAsync()
    {
        if (_isAbandoned)
            return ValueTask.CompletedTask;
        _isAbandoned = true;
        Cancel("nobody waits for it");
        while (_items.Reader.TryRead(out _))
        {
            // Only the memory is freed; without credit the node stops at its window.
        }

        _evidence.Dispose();
        return ValueTask.CompletedTask;
    }

    internal void RequestSent() => _isRequestSent = true;

    internal string? OnAccepted()
    {
        if (_rules.Accepted() is { } wrong)
            return wrong;
        Deliver(AttemptItem.Accepted.Instance);
        return null;
    }

    internal string? OnEvents(JobEvents frame)
    {
        if (_rules.Events(frame) is { } wrong)
            return wrong;
        var bytes = LinkCodec.EventBytes(frame);
        var unanswered = Interlocked.Add(ref _unanswered, bytes);
        if (unanswered > LinkLimits.WindowBytes)
            return $"{unanswered} event bytes unanswered; the window is {LinkLimits.WindowBytes}";
        Deliver(new AttemptItem.Events(frame, bytes));
        return null;
    }

    internal string? OnDone(Done frame)
    {
        if (frame.Cancelled && !_isRequestSent)
        {
            End(new AttemptItem.Lost(LostReason.Cancelled, "cancelled before the node had the whole request"));
            return null;
        }

        if (frame.Cancelled && Volatile.Read(ref _isCancelled) == 0)
            return "a Done that says cancelled where nothing was cancelled";
        if (_rules.Done(frame) is { } wrong)
            return wrong;
        End(new AttemptItem.Done(frame, null!));
        return null;
    }

    internal string? OnFailed(Failed frame)
    {
        if (AttemptRules.Failed(frame) is { } wrong)
            return wrong;
        frame.Message = NodeText.Clean(frame.Message, LinkLimits.MessageCharsMax);
        frame.Param = NodeText.Clean(frame.Param, LinkLimits.NameCharsMax);
        End(new AttemptItem.Failed(frame));
        return null;
    }

    internal string? OnRejected(Rejected frame)
    {
        if (_rules.Rejected(frame) is { } wrong)
            return wrong;
        frame.Message = NodeText.Clean(frame.Message, LinkLimits.MessageCharsMax);
        End(new AttemptItem.Rejected(frame));
        return null;
    }

    /// <summary>Ends it, once; what the node said before can still be read.</summary>
    internal void End(AttemptItem last)
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0)
            return;
        _items.Writer.TryWrite(last);
        _items.Writer.TryComplete();
        Node.Ended(this);
    }

    /// <summary>Looks whether it is overdue, and grants what the last batch left: a frame larger than half a window may be waiting for it.</summary>
    internal void Tick(long now)
    {
        if (now >= Volatile.Read(ref _overdueAt))
        {
            Cancel("it is overdue");
            End(new AttemptItem.Lost(LostReason.Overdue, $"the node did not end it within {NodeLimits.OverdueGrace.TotalSeconds} s after its deadline or its cancel"));
        }
        else
        {
            GrantFlushed();
        }
    }

    private void Deliver(AttemptItem item)
    {
        if (!_isAbandoned)
            _items.Writer.TryWrite(item);
    }

    private void GrantFlushed()
    {
        if (Volatile.Read(ref _flushed) == 0 || !WantsRequest)
            return;
        var bytes = Interlocked.Exchange(ref _flushed, 0);
        if (bytes == 0)
            return;
        // First the count, then the frame: the node may answer the frame at once.
        Interlocked.Add(ref _unanswered, -bytes);
        Node.Send(new GatewayFrame { Credit = new Credit { JobId = Job.Value, Attempt = Number, Bytes = (uint)bytes } });
    }

    private AttemptItem Verified(AttemptItem.Done done)
    {
        if (_evidence.Verify(done.Frame) is { } statement)
            return new AttemptItem.Done(done.Frame, statement);
        var message = $"{Job} attempt {Number}: the signature of its Done is not over what was asked and what came";
        Node.Close(SessionEnd.Violation(message));
        return new AttemptItem.Lost(LostReason.ProtocolViolation, message);
    }
}
