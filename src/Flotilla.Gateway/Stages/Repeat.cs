using Flotilla.Core;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Files;
using Flotilla.Gateway.Idempotency;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Telemetry;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
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
        if (!HttpMethods.IsPost(http.Request.Method) || RequestFeature.Of(http).Call is not null || gate.IsDraining
            || !http.Request.Headers.TryGetValue(IdempotencyKey.Header, out var header)
            || !http.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) || http.Request.Path.StartsWithSegments(FileRoutes.Path, StringComparison.OrdinalIgnoreCase)
            || authenticate.IdentifyCaller(http).Failed(out _, out var caller))
        {
            // Without a key of ours the route says what is wrong. A file is too long to be held until it is told from another: its route does that while it stores it.
            await next(http);
            return;
        }

        var key = header.ToString();
        if (IdempotencyKey.Fault(key) is { } fault)
        {
            await ErrorResponse.WriteAsync(http, fault);
            return;
        }

        var isForm = http.Request.HasFormContentType;
        if (isForm && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = OpenAiLimits.FormBytesMax;
        var body = await ClientCall.ReadAsync(http);
        // What is no form that can be read is refused by its route, and by its bytes like any other.
        var content = isForm && !(await ReadForm.FormAsync(http.Request.ContentType, body, http.RequestAborted)).Failed(out _, out var form) ? FormDigest.Of(form) : body;
        var fingerprint = ClientCall.Fingerprint(http, content);
        var (execution, isNew) = Join((caller.Namespace, key), fingerprint);
        if (!execution.Fingerprint.AsSpan().SequenceEqual(fingerprint))
        {
            await ErrorResponse.WriteAsync(http, IdempotencyKey.Conflict(key));
            return;
        }

        if (isNew)
        {
            var call = ClientCall.Of(http, caller, body, JobId.New(ids));
            _ = Task.Run(() => ExecuteAsync(execution, caller, key, call), CancellationToken.None);
        }

        await execution.CopyToAsync(http, repeat: !isNew, time);
    }

    private (Execution Execution, bool IsNew) Join((NamespaceId Owner, string Key) name, byte[] fingerprint)
    {
        lock (_lock)
        {
            if (_running.TryGetValue(name, out var running))
                return (running, false);
            var made = new Execution(fingerprint);
            _running.Add(name, made);
            return (made, true);
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
