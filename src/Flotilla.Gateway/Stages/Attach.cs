using System.Collections.Frozen;
using System.Globalization;
using Flotilla.Core;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Idempotency;
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
    private static readonly FrozenSet<string> Paths = Dialect.All.Where(d => !d.ReadsForms).Select(d => d.Path).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _lock = new();
    private readonly Dictionary<(KeyId, string), List<Run>> _runs = [];
    private long _bytesKept;

    public async Task RunAsync(HttpContext http, RequestDelegate next)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || RequestFeature.Of(http).Call is not null || gate.IsDraining
            || !http.Request.Headers.TryGetValue(Header, out var header) || !int.TryParse(header.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var tries)
            || !Paths.Contains(http.Request.Path.Value ?? "") || authenticate.IdentifyCaller(http).Failed(out _, out var caller))
        {
            await next(http);
            return;
        }

        var body = await ClientCall.ReadAsync(http);
        var fingerprint = ClientCall.Fingerprint(http, body);
        var name = (caller.Key, Convert.ToHexString(fingerprint));
        var (run, isNew) = Join(name, fingerprint, isRetry: tries > 0);
        if (isNew)
        {
            var call = ClientCall.Of(http, caller, body, JobId.New(ids));
            _ = Task.Run(() => ExecuteAsync(name, run, call), CancellationToken.None);
        }

        try
        {
            await run.Execution.CopyToAsync(http, repeat: !isNew, time);
        }
        finally
        {
            run.Pace.Leave();
        }
    }

    private (Run Run, bool IsNew) Join((KeyId, string) name, byte[] fingerprint, bool isRetry)
    {
        lock (_lock)
        {
            if (!_runs.TryGetValue(name, out var runs))
                _runs.Add(name, runs = []);
            // Of several alike, one whose client has left is the one that is tried again.
            if (isRetry && runs.OrderByDescending(r => r.Pace.IsLeft).FirstOrDefault(r => r.Pace.TryEnter()) is { } running)
                return (running, false);
            var pace = new ReaderPace(GatewayLimits.AttachBytesMax, GatewayLimits.AttachTime, time);
            var made = new Run(new Execution(fingerprint, pace), pace);
            runs.Add(made);
            return (made, true);
        }
    }

    private async Task ExecuteAsync((KeyId, string) name, Run run, InternalCall call)
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
            Forget(name, run);
        run.Execution.End(broken: !isWhole);
        if (!isKept)
            return;
        await Task.Delay(GatewayLimits.AttachTime, time, CancellationToken.None);
        Interlocked.Add(ref _bytesKept, -bytes);
        Forget(name, run);
    }

    private bool TryKeep(long bytes)
    {
        if (bytes <= GatewayLimits.AttachBytesMax && Interlocked.Add(ref _bytesKept, bytes) <= GatewayLimits.AttachedBytesMax)
            return true;
        if (bytes <= GatewayLimits.AttachBytesMax)
            Interlocked.Add(ref _bytesKept, -bytes);
        return false;
    }

    private void Forget((KeyId, string) name, Run run)
    {
        lock (_lock)
        {
            var runs = _runs[name];
            runs.Remove(run);
            if (runs.Count == 0)
                _runs.Remove(name);
        }
    }

    private sealed record Run(Execution Execution, ReaderPace Pace);
}
