using Flotilla.Protocol.OpenAI;
using Microsoft.Extensions.Logging;

namespace Flotilla.Node.Runtimes;

/// <summary>Sends the requests of jobs to one upstream; whatever goes wrong on the way is a failure in the link's words.</summary>
internal sealed class UpstreamExchange(UpstreamOptions options, UpstreamClient client, TimeProvider time, ILogger logger)
{
    /// <summary>Reads an answer of success.</summary>
    /// <param name="response">The answer; its body has not been read.</param>
    /// <param name="clock">Ends the patience. Stop it while the gateway's window is shut: then it is not the upstream that is slow.</param>
    /// <param name="patience">Ends with the job, and with the clock.</param>
    public delegate Task<RunResult> Reading(HttpResponseMessage response, ITimer clock, CancellationToken patience);

    /// <summary>Sends a request and reads its answer.</summary>
    /// <exception cref="OperationCanceledException">The job was stopped; the connection is dropped.</exception>
    public async Task<RunResult> AskAsync(UpstreamCall call, Reading read, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var clock = time.CreateTimer(static s => ((CancellationTokenSource)s!).Cancel(), patience, call.Patience, Timeout.InfiniteTimeSpan);
        try
        {
            using var response = await client.SendAsync(call.Method, call.Path, call.Body, patience.Token);
            // Not 200 alone: what is ordered may be answered with 201 or 202, what is deleted with 204.
            if (!response.IsSuccessStatusCode)
                return RunResult.Failed(await RefusedAsync(call.Job, response, patience.Token));
            if (call.MediaType is { } expected && response.Content.Headers.ContentType?.MediaType != expected)
                return Fail(call.Job, UpstreamFailures.Strange, $"it answered with another content type than {expected}");
            return await read(response, clock, patience.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Fail(call.Job, UpstreamFailures.Silent, $"no event within {call.Patience.TotalSeconds} s of the request, or within {options.IdleTimeout.TotalSeconds} s of the one before");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return Fail(call.Job, UpstreamFailures.Gone, e.InnerException?.Message ?? e.Message);
        }
        catch (InvalidDataException e)
        {
            return Fail(call.Job, UpstreamFailures.Strange, e.Message);
        }
    }

    /// <summary>A failure, with its reason in the log of the node's owner.</summary>
    public RunResult Fail(RunRequest job, RunFailure failure, string reason)
    {
        NodeLog.UpstreamFailed(logger, options.BaseUrl, job.JobId, reason);
        return RunResult.Failed(failure);
    }

    private async Task<RunFailure> RefusedAsync(RunRequest job, HttpResponseMessage response, CancellationToken ct)
    {
        var error = UpstreamError.Read(await UpstreamClient.ReadShortAsync(response, ct));
        var (failure, meaning) = UpstreamFailures.Of((int)response.StatusCode, error, options.ApiKey);
        NodeLog.UpstreamRefused(logger, options.BaseUrl, job.JobId, (int)response.StatusCode, meaning);
        return failure;
    }
}
