using System.Globalization;
using Flotilla.Core;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Idempotency;
using Flotilla.Gateway.Limits;
using Flotilla.Gateway.Telemetry;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Stages;

/// <summary>Whether a request is one that its SDK sends again: it then reads along with the try before it, so that both are one execution and one charge.</summary>
/// <remarks>
/// SDKs mark each try with its number, and repeat one of which they have seen nothing. So a marked run outlives a client
/// that left before the first byte for a moment, and its answer is at hand for a moment after its end, in memory alone. A first try never joins another: whoever asks
/// the same twice wants two answers.
/// </remarks>
internal sealed class Attach(Authenticate authenticate, InternalCalls calls, DrainGate gate, IIdSource ids, TimeProvider time, ILogger<Attach> log)
{
    private const string Header = "X-Stainless-Retry-Count";
    private readonly Lock _lock = new();
    private readonly Dictionary<KeyId, List<Run>> _runs = [];
    private long _bytesKept;

    public async Task RunAsync(HttpContext http, RequestDelegate next)
    {
        if (!ClientCall.MayComeAgain(http) || gate.IsDraining
            || !http.Request.Headers.TryGetValue(Header, out var header) || !int.TryParse(header.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var tries)
            || authenticate.IdentifyCaller(http).Failed(out _, out var caller))
        {
            await next(http);
            return;
        }

        if (await TakeAsync(http, caller, isRetry: tries > 0) is { } refusal)
            await ErrorResponse.WriteAsync(http, refusal);
    }

    /// <returns>Why there is no answer; null where there was one.</returns>
    private async Task<ApiError?> TakeAsync(HttpContext http, Caller caller, bool isRetry)
    {
        byte[] body, fingerprint;
        // A retry of what runs makes nothing run: only what can be none is held to the limits before its body is read.
        var seen = isRetry ? Look(caller.Key) : null;
        try
        {
            if (seen is null && Entrance.Pass(http) is { } tooMany)
                return tooMany;
            (body, fingerprint) = await ClientCall.TakeAsync(http);
        }
        finally
        {
            seen?.EndLook();
        }

        if (Join(http, caller.Key, fingerprint, isRetry).Failed(out var refusal, out var run))
            return refusal;
        // Of all who join, only the one that made it has the very same bytes.
        var isNew = ReferenceEquals(run.Execution.Fingerprint, fingerprint);
        if (isNew)
        {
            var call = ClientCall.Of(http, caller, body, JobId.New(ids));
            _ = Task.Run(() => ExecuteAsync(caller.Key, run, call), CancellationToken.None);
        }

        try
        {
            await run.Execution.CopyToAsync(http, repeat: !isNew, time);
        }
        finally
        {
            run.Pace.Leave();
        }

        return null;
    }

    /// <summary>A run of the key that somebody may turn out to be a retry of; null where there is none, or each has such a one already.</summary>
    private Execution? Look(KeyId key)
    {
        lock (_lock)
            return _runs.GetValueOrDefault(key)?.Find(run => run.Execution.TryLook())?.Execution;
    }

    private Result<Run> Join(HttpContext http, KeyId key, byte[] fingerprint, bool isRetry)
    {
        lock (_lock)
        {
            var alike = isRetry ? _runs.GetValueOrDefault(key)?.Where(run => run.Execution.Fingerprint.AsSpan().SequenceEqual(fingerprint)) : null;
            // Of several alike, one whose client has left is the one that is tried again.
            if (alike?.OrderByDescending(run => run.Pace.IsLeft).FirstOrDefault(run => run.Pace.TryEnter()) is { } running)
                return running;
            if (Entrance.Pass(http) is { } refusal)
                return refusal;
            if (!_runs.TryGetValue(key, out var runs))
                _runs.Add(key, runs = []);
            var pace = new ReaderPace(GatewayLimits.AttachTime, time);
            var made = new Run(new Execution(fingerprint, pace), pace);
            runs.Add(made);
            return made;
        }
    }

    private async Task ExecuteAsync(KeyId key, Run run, InternalCall call)
    {
        using var pace = run.Pace;
        // A run that no client waits for at this moment still ends before the gateway does.
        var entered = gate.TryEnter(true);
        var isWhole = false;
        try
        {
            isWhole = await calls.RunAsync(call, run.Execution, pace.Abandoned);
        }
        catch (OperationCanceledException) when (pace.Abandoned.IsCancellationRequested)
        {
            log.ClientLeft(call.Request!.Value.Value);
        }
        catch (Exception e)
        {
            log.RequestFailed(e, call.Job!.Value.Value, call.Path);
        }
        finally
        {
            call.Turn?.Dispose();
            if (entered)
                gate.Leave();
        }

        pace.End();
        var bytes = run.Execution.Bytes;
        var isKept = isWhole && run.Execution.IsFinal && TryKeep(bytes);
        if (!isKept)
            Forget(key, run);
        run.Execution.End(broken: !isWhole);
        if (!isKept)
            return;
        await Task.Delay(GatewayLimits.AttachTime, time, CancellationToken.None);
        Interlocked.Add(ref _bytesKept, -bytes);
        Forget(key, run);
    }

    private bool TryKeep(long bytes)
    {
        if (bytes <= GatewayLimits.AttachBytesMax && Interlocked.Add(ref _bytesKept, bytes) <= GatewayLimits.AttachedBytesMax)
            return true;
        if (bytes <= GatewayLimits.AttachBytesMax)
            Interlocked.Add(ref _bytesKept, -bytes);
        return false;
    }

    private void Forget(KeyId key, Run run)
    {
        lock (_lock)
        {
            var runs = _runs[key];
            runs.Remove(run);
            if (runs.Count == 0)
                _runs.Remove(key);
        }
    }

    private sealed record Run(Execution Execution, ReaderPace Pace);
}
