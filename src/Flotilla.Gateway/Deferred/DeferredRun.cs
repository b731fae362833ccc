using System.Buffers;
using System.IO.Pipelines;
using Flotilla.Core;
using Flotilla.Gateway.Calls;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Deferred;

/// <summary>Runs one deferred request and stores its answer.</summary>
/// <remarks>
/// A crash can come between the settlement and the stored answer. The job's id was on the disk before the run began, so the next
/// start asks the ledger what became of it: a run that was charged is repeated at no charge, and nobody pays twice.
/// </remarks>
internal sealed class DeferredRun(DeferredTable table, RequestEvents events, InternalCalls calls, Callers callers, LedgerStore ledger, IIdSource ids, TimeProvider time)
{
    /// <summary>Brings a request to its answer.</summary>
    /// <returns>False where it shall wait on: the fleet had no room after all, or the gateway stops.</returns>
    public async Task<bool> RunAsync(DeferredEntry entry)
    {
        if (entry.Survived && !await MayRunAgainAsync(entry))
        {
            await FailAsync(entry, new ApiError(ApiErrorCode.Internal, $"The gateway was stopped {entry.Row.Runs} times while it served this request; it is not tried again."));
            return true;
        }

        var row = entry.Row;
        if (callers.Find(new NamespaceId(row.NamespaceId), new KeyId(row.KeyId)) is not { } caller)
        {
            await FailAsync(entry, new ApiError(ApiErrorCode.InvalidApiKey, "The key that sent this request was revoked before it was served."));
            return true;
        }

        CallAnswer answer;
        var body = PipeReader.Create(table.Body(row.Id));
        try
        {
            var call = new InternalCall
            {
                Path = row.Path,
                Body = body,
                Caller = row.Paid ? caller with { PriceBasisPoints = 0 } : caller,
                ContentType = row.ContentType,
                Headers = DeferredHeaders.Read(row.Headers),
                Request = new RequestId(row.Id),
                Job = new JobId(row.JobId),
            };
            answer = await calls.RunAsync(call, entry.Stop.Token);
        }
        catch (OperationCanceledException) when (entry.Stop.IsCancellationRequested)
        {
            if (entry.IsCancelled)
                await CancelAsync(entry);
            return entry.IsCancelled;
        }
        finally
        {
            // The call reads it, and leaves its end to whoever began it.
            await body.CompleteAsync();
        }

        return await TakeAsync(entry, answer);
    }

    /// <summary>Stores that the client wanted no answer any more.</summary>
    public Task CancelAsync(DeferredEntry entry) => FinishAsync(entry, entry.Row with { Status = DeferredStatus.Cancelled }, ReadOnlyMemory<byte>.Empty);

    private async Task<bool> TakeAsync(DeferredEntry entry, CallAnswer answer)
    {
        var row = entry.Row;
        var isOver = time.GetUtcNow().ToUnixTimeMilliseconds() >= row.ExpiresMs;
        if (answer.IsRefusal && !isOver)
        {
            // What was held has used its id.
            if (answer.Headers.ContainsKey("x-flotilla-job-id"))
                await RenewAsync(entry, row);
            return false;
        }

        if (!answer.IsWhole)
        {
            await FailAsync(entry, new ApiError(ApiErrorCode.NodeFailed, "The answer broke off. What was delivered is charged, nothing else."));
            return true;
        }

        var status = answer.Status < StatusCodes.Status400BadRequest ? DeferredStatus.Completed : answer.IsRefusal ? DeferredStatus.Expired : DeferredStatus.Failed;
        await FinishAsync(entry, row with { Status = status, HttpStatus = answer.Status, AnswerHeaders = DeferredHeaders.OfAnswer(answer.Headers) }, answer.Body);
        return true;
    }

    /// <summary>Whether the request may run, after an earlier process may have begun it: then the ledger knows its job.</summary>
    private async Task<bool> MayRunAgainAsync(DeferredEntry entry)
    {
        var row = entry.Row;
        var jobs = await CallJobs.FindAsync(ledger, new JobId(row.JobId), new NamespaceId(row.NamespaceId));
        if (jobs.Count == 0)
            return true;
        await RenewAsync(entry, row with { Runs = row.Runs + 1, Paid = row.Paid || jobs.Any(job => job.Charge > Credits.Zero) });
        return entry.Row.Runs < GatewayLimits.DeferredRunsMax;
    }

    private async Task RenewAsync(DeferredEntry entry, DeferredRow row)
    {
        entry.Row = row with { JobId = JobId.New(ids).Value };
        await table.RunAgainAsync(entry.Row);
    }

    private Task FailAsync(DeferredEntry entry, ApiError error)
    {
        var body = new ArrayBufferWriter<byte>(256);
        error.WriteTo(body);
        var headers = new HeaderDictionary { ["Content-Type"] = "application/json", ["x-request-id"] = entry.Row.Id };
        return FinishAsync(
            entry, entry.Row with { Status = DeferredStatus.Failed, HttpStatus = error.Status, AnswerHeaders = DeferredHeaders.OfAnswer(headers) }, body.WrittenMemory);
    }

    private async Task FinishAsync(DeferredEntry entry, DeferredRow row, ReadOnlyMemory<byte> answer)
    {
        entry.Row = row with { FinishedMs = time.GetUtcNow().ToUnixTimeMilliseconds() };
        await table.FinishAsync(entry.Row, answer, events.Of(entry.Row, answer));
    }
}
