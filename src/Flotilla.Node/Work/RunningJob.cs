using System.Threading.Channels;
using Flotilla.Node.Links;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;
using FailedCode = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Work;

/// <summary>One attempt at a job that was accepted: Run → Emit → Sign. It holds a slot until its runtime is done with it.</summary>
internal sealed class RunningJob : IDisposable
{
    private readonly Job _job;
    private readonly JobKind _kind;
    private readonly CatalogEntry _model;
    private readonly RequestAssembly _request;
    private readonly NodeWork _node;
    private readonly Outbox _outbox;
    private readonly JobOutput _output;
    // Never disposed: it has no timer or handle to free, and a Cancel may arrive while the job ends.
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer? _deadline;
    private StopReason _reason;

    /// <summary>Takes over a slot, and starts the clock of the deadline.</summary>
    public RunningJob(Job job, JobKind kind, CatalogEntry model, RequestAssembly request, NodeWork node, Outbox outbox)
    {
        _job = job;
        _kind = kind;
        _model = model;
        _request = request;
        _node = node;
        _outbox = outbox;
        _output = new JobOutput(job, outbox, node.Time);
        if (job.DeadlineMs > 0)
            _deadline = node.Time.CreateTimer(_ => Stop(StopReason.Deadline), null, TimeSpan.FromMilliseconds(Math.Min(job.DeadlineMs, NodeLimits.DeadlineMsMax)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Request bytes that are still to come.</summary>
    public long MissingBytes => _request.Missing;

    /// <summary>Takes in the next part of the request.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Append(ReadOnlySpan<byte> part) => _request.Append(part);

    /// <summary>The gateway handed on this many event bytes.</summary>
    public void Grant(uint bytes) => _output.Grant(bytes);

    /// <summary>Stops the job; the first reason counts.</summary>
    public void Stop(StopReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, StopReason.None) == StopReason.None)
            _ = _stop.CancelAsync(); // what the runtime does on cancellation must not hold up the link's reader
    }

    /// <summary>Does the job and sends its last frame. Never throws: a job that breaks harms no other.</summary>
    public async Task RunAsync()
    {
        NodeFrame? last;
        try
        {
            last = await WorkAsync();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            last = Stopped();
        }
        catch (ChannelClosedException)
        {
            last = null;
        }
        catch (Exception e)
        {
            NodeLog.JobBroke(_node.Logger, e, _job.JobId, _model.Runtime.Kind);
            last = Failure(new RunFailure(FailedCode.Runtime, "The model's runtime broke.", Retryable: true));
        }

        // Before the last frame leaves: the gateway takes that frame for a free slot.
        _node.Slots.Release();
        if (last is not null && _reason != StopReason.LinkGone)
            await SendLastAsync(last);
    }

    /// <summary>Frees what the job held.</summary>
    public void Dispose()
    {
        _deadline?.Dispose();
        _output.Dispose();
    }

    private async Task<NodeFrame> WorkAsync()
    {
        var bytes = await _request.Whole.WaitAsync(_stop.Token);
        if (!_kind.TryRead(bytes, out var work))
            return Failure(new RunFailure(FailedCode.InvalidRequest, $"The request's bytes are no request of kind {_kind.Number}.", Retryable: false));
        if (_kind.Check(work) is { } fault)
            return Failure(new RunFailure(FailedCode.InvalidRequest, fault.Message, Retryable: false) { Param = fault.Param, Limit = fault.Limit, Value = fault.Value });
        var shape = _kind.Shape(work).Within(_model.Model.ContextTokens);
        _output.Expect(_kind, shape);
        var run = new RunRequest
        {
            JobId = _job.JobId,
            Model = _model.Model,
            Kind = _kind,
            Work = work,
            Shape = shape,
            Seed = _job.Seed,
            PrefixSalt = _job.PrefixSalt.Memory,
            Resume = _job.Resume.Where(r => r.TokenIds.Count > 0).GroupBy(r => r.Choice).ToDictionary(g => g.Key, g => (IReadOnlyList<uint>)g.Last().TokenIds),
        };
        try
        {
            var result = await _model.Runtime.RunAsync(run, _output, _stop.Token);
            if (result.Failure is null)
            {
                await _output.FlushAsync(_stop.Token);
                return _output.Complete
                    ? Done(bytes, result.Usage, result.TraceRoot, cancelled: false)
                    : throw new InvalidOperationException("The runtime ended a job before all its choices had ended.");
            }

            // A runtime that was stopped may call that a failure of its own.
            _stop.Token.ThrowIfCancellationRequested();
            return Failure(result.Failure);
        }
        finally
        {
            // Before the last frame, and before what was sent is counted for it.
            await _output.EndAsync();
        }
    }

    private NodeFrame? Stopped() => _reason switch
    {
        StopReason.Cancelled when _request.Whole.IsCompletedSuccessfully => Done(_request.Whole.Result, Sent(), default, cancelled: true),
        // A statement commits to the whole request, so without it there is nothing to sign.
        StopReason.Cancelled => Failure(new RunFailure(FailedCode.Unavailable, "The job was cancelled before its request had arrived.", Retryable: true)),
        StopReason.Deadline => Failure(new RunFailure(FailedCode.Deadline, "The job was not done by its deadline.", Retryable: false) { Limit = _job.DeadlineMs }),
        StopReason.NodeStops => Failure(new RunFailure(FailedCode.Unavailable, "The node stopped before the job was done.", Retryable: true)),
        _ => null,
    };

    private Usage Sent() => new() { PromptTokens = _output.PromptTokens, CompletionTokens = _output.Tokens };

    private NodeFrame Done(ReadOnlySpan<byte> request, Usage usage, ReadOnlyMemory<byte> traceRoot, bool cancelled)
    {
        var done = new Done
        {
            JobId = _job.JobId,
            Attempt = _job.Attempt,
            Frames = _output.Frames,
            Usage = usage,
            Cancelled = cancelled,
            TraceRoot = ByteString.CopyFrom(traceRoot.Span),
            FinishedUnixMs = (ulong)_node.Time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        return new NodeFrame { Done = WorkSigner.Sign(_node.Key, _node.Id, _job, _model.Model, request, _output.Commit(), done) };
    }

    private NodeFrame Failure(RunFailure failure) => new()
    {
        Failed = new Failed
        {
            JobId = _job.JobId,
            Attempt = _job.Attempt,
            Code = failure.Code,
            Message = failure.Message.Length <= LinkLimits.MessageCharsMax ? failure.Message : failure.Message[..LinkLimits.MessageCharsMax],
            Param = failure.Param,
            Retryable = failure.Retryable,
            Limit = failure.Limit,
            Value = failure.Value,
        },
    };

    private async Task SendLastAsync(NodeFrame last)
    {
        try
        {
            await _outbox.WriteAsync(last);
        }
        catch (ChannelClosedException)
        {
            NodeLog.JobOrphaned(_node.Logger, _job.JobId);
        }
    }
}
