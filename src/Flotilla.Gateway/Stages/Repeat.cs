using Flotilla.Core;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Idempotency;
using Flotilla.Gateway.Limits;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Telemetry;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Stages;

/// <summary>Whether a request is a repeat: under one <c>Idempotency-Key</c> there is one execution, one charge and one answer.</summary>
/// <remarks>
/// The run is an internal call that no client owns: whoever asks under its key reads along from the first byte, and when the client that
/// began it leaves, it goes on, so that the repeat finds its answer. Kept is what succeeded, what the client did wrong, and
/// whatever was charged; after any other failure the next try runs anew.
/// </remarks>
internal sealed class Repeat(
    Authenticate authenticate, InternalCalls calls, AnswerBook book, LedgerStore ledger, DrainGate gate, IIdSource ids, TimeProvider time, ILogger<Repeat> log)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(NamespaceId, string), Execution> _running = [];

    public async Task RunAsync(HttpContext http, RequestDelegate next)
    {
        if (!ClientCall.MayComeAgain(http) || gate.IsDraining || !http.Request.Headers.TryGetValue(IdempotencyKey.Header, out var header)
            || authenticate.IdentifyCaller(http).Failed(out _, out var caller))
        {
            // Without a key of ours the route says what is wrong.
            await next(http);
            return;
        }

        var key = header.ToString();
        if ((IdempotencyKey.Fault(key) ?? await TakeAsync(http, caller, key)) is { } fault)
            await ErrorResponse.WriteAsync(http, fault);
    }

    /// <returns>Why there is no answer; null where there was one.</returns>
    private async Task<ApiError?> TakeAsync(HttpContext http, Caller caller, string key)
    {
        var name = (caller.Namespace, key);
        byte[] body, fingerprint;
        // A repeat of what runs makes nothing run: only what it may not be is held to the limits before its body is read.
        var running = Running(name);
        try
        {
            if (running is null && Entrance.Pass(http) is { } tooMany)
                return tooMany;
            (body, fingerprint) = await ClientCall.TakeAsync(http);
        }
        finally
        {
            running?.EndLook();
        }

        if (Join(http, name, fingerprint).Failed(out var refusal, out var execution))
            return refusal;
        if (!execution.Fingerprint.AsSpan().SequenceEqual(fingerprint))
            return IdempotencyKey.Conflict(key);
        // Of all who join, only the one that made it has the very same bytes.
        var isNew = ReferenceEquals(execution.Fingerprint, fingerprint);
        if (isNew)
        {
            var call = ClientCall.Of(http, caller, body, JobId.New(ids));
            _ = Task.Run(() => ExecuteAsync(execution, caller, key, call), CancellationToken.None);
        }

        await execution.CopyToAsync(http, repeat: !isNew, time);
        return null;
    }

    private Execution? Running((NamespaceId Owner, string Key) name)
    {
        lock (_lock)
            return _running.TryGetValue(name, out var running) && running.TryLook() ? running : null;
    }

    private Result<Execution> Join(HttpContext http, (NamespaceId Owner, string Key) name, byte[] fingerprint)
    {
        lock (_lock)
        {
            if (_running.TryGetValue(name, out var running))
                return running;
            if (Entrance.Pass(http) is { } refusal)
                return refusal;
            var made = new Execution(fingerprint);
            _running.Add(name, made);
            return made;
        }
    }

    /// <summary>Runs the request, or finds what came of it before; whoever reads along is told every outcome.</summary>
    private async Task ExecuteAsync(Execution execution, Caller caller, string key, InternalCall call)
    {
        // Running work that no client waits for still ends before the gateway does.
        var entered = gate.TryEnter(true);
        try
        {
            if (await BeginAsync(execution, caller.Namespace, key, call) is { } request)
            {
                call = call with { Request = request };
                var isWhole = await calls.RunAsync(call, execution, CancellationToken.None);
                await KeepAsync(execution, caller.Namespace, key, call.Job!.Value, isWhole);
                execution.End(broken: !isWhole);
            }
        }
        catch (Exception e)
        {
            log.RequestFailed(e, call.Job!.Value.Value, call.Path);
            execution.End(broken: true);
        }
        finally
        {
            lock (_lock)
                _running.Remove((caller.Namespace, key));
            call.Turn?.Dispose();
            if (entered)
                gate.Leave();
        }
    }

    /// <returns>The request as which it is to be run; null where the execution has its end.</returns>
    private async Task<RequestId?> BeginAsync(Execution execution, NamespaceId owner, string key, InternalCall call)
    {
        var known = book.Find(owner, key);
        if (known is null && book.Count(owner) >= StateLimits.IdempotencyKeysMax)
        {
            execution.Refuse(IdempotencyKey.TooMany());
            return null;
        }

        // A run without an answer that charged nothing, as a crash leaves it, is done over under a job of its own; but as the same
        // request, because what that one has stored, to be answered later, must not be stored twice.
        var instead = known is { Status: null } && known.Fingerprint.AsSpan().SequenceEqual(execution.Fingerprint) && await ChargedAsync(owner, known.Job) is null ? known.Job : (JobId?)null;
        var request = (instead is null ? null : known!.Request) ?? call.Request!.Value;
        known = await book.BeginAsync(owner, key, execution.Fingerprint, call.Job!.Value, request, instead);
        if (known is null)
            return request;
        if (!known.Fingerprint.AsSpan().SequenceEqual(execution.Fingerprint))
            execution.Refuse(IdempotencyKey.Conflict(key));
        else if (known.Status is not { } status)
            execution.Refuse(IdempotencyKey.Lost((await ChargedAsync(owner, known.Job) ?? known.Job).Value));
        else
            execution.Replay(status, known);
        return null;
    }

    private async Task KeepAsync(Execution execution, NamespaceId owner, string key, JobId job, bool isWhole)
    {
        if (!execution.IsFinal && await ChargedAsync(owner, job) is null)
            await book.ForgetAsync(owner, key);
        else if (isWhole && execution.Bytes <= StateLimits.IdempotentAnswerBytesMax)
            await book.KeepAsync(owner, key, execution.Status, KeptAnswer.Text(execution.Headers), execution.Body);
    }

    /// <summary>The first job of a run that was charged, or null.</summary>
    private async Task<JobId?> ChargedAsync(NamespaceId owner, JobId named) =>
        (await CallJobs.FindAsync(ledger, named, owner)).FirstOrDefault(job => job.Charge > Credits.Zero)?.Job;
}
