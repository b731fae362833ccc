using System.Buffers;
using System.IO.Pipelines;
using Flotilla.Core;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Stages;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Telemetry;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Deferred;

/// <summary>Runs one deferred request and stores its answer.</summary>
/// <remarks>
/// A crash can come between the settlement and the stored answer. The job's id was on the disk before the run began, so the next
/// start asks the ledger what became of it: a run that was charged is repeated at no charge, and nobody pays twice. What was
/// answered is stored for certain while the gateway runs: a disk that takes nothing now is tried again.
/// </remarks>
internal sealed class DeferredRun(
    DeferredTable table, RequestEvents events, InternalCalls calls, Callers callers, Limit limits, LedgerStore ledger, IIdSource ids, TimeProvider time,
    ILogger<DeferredRun> log)
{
    /// <summary>Brings a request to its answer.</summary>
    /// <param name="entry">The request.</param>
    /// <param name="closing">The gateway is about to stop; no use in waiting for a disk any more.</param>
    /// <exception cref="OperationCanceledException">The disk took nothing until then; the request stays open for the next start.</exception>
    public async Task<DeferredEnd> RunAsync(DeferredEntry entry, CancellationToken closing)
    {
        try
        {
            return await ServeAsync(entry, closing);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !closing.IsCancellationRequested)
        {
            // Nobody knows what it was, so nobody knows that another try would end otherwise.
            log.DeferredFailed(failure, entry.Row.Id);
            await FailAsync(entry, new ApiError(ApiErrorCode.Internal, $"The gateway failed on this request. Its operator finds the reason under {entry.Row.Id}."), closing);
            return DeferredEnd.Answered;
        }
    }

    private async Task<DeferredEnd> ServeAsync(DeferredEntry entry, CancellationToken closing)
    {
        if (entry.Survived && !await MayRunAgainAsync(entry, closing))
        {
            await FailAsync(entry, new ApiError(ApiErrorCode.Internal, $"The gateway was stopped {entry.Row.Runs} times while it served this request; it is not tried again."), closing);
            return DeferredEnd.Answered;
        }

        var row = entry.Row;
        if (callers.Find(new NamespaceId(row.NamespaceId), new KeyId(row.KeyId)) is not { } caller)
        {
            await FailAsync(entry, new ApiError(ApiErrorCode.InvalidApiKey, "The key that sent this request was revoked before it was served."), closing);
            return DeferredEnd.Answered;
        }

        CallAnswer answer;
        using var turn = limits.Later(caller);
        await using var file = table.BeginAnswer(row.Id);
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
                Turn = turn,
                AnswerFile = file,
            };
            answer = await calls.RunAsync(call, entry.Stop.Token);
        }
        catch (OperationCanceledException) when (entry.Stop.IsCancellationRequested)
        {
            await file.DisposeAsync();
            if (!entry.IsCancelled)
                return DeferredEnd.NoRoom;
            await CancelAsync(entry, closing);
            return DeferredEnd.Answered;
        }
        finally
        {
            // The call reads it, and leaves its end to whoever began it.
            await body.CompleteAsync();
        }

        return await TakeAsync(entry, answer, file, closing);
    }

    /// <summary>Stores that the client wanted no answer any more.</summary>
    /// <exception cref="OperationCanceledException">As in <see cref="RunAsync"/>.</exception>
    public Task CancelAsync(DeferredEntry entry, CancellationToken closing) =>
        FinishAsync(entry, entry.Row with { Status = DeferredStatus.Cancelled }, ReadOnlyMemory<byte>.Empty, closing);

    private async Task<DeferredEnd> TakeAsync(DeferredEntry entry, CallAnswer answer, AnswerFile file, CancellationToken closing)
    {
        var row = entry.Row;
        var isFile = answer is { IsWhole: true, Status: < StatusCodes.Status400BadRequest } && file.Bytes is not null;
        // Gone before anybody is told of the end.
        if (!isFile)
            await file.DisposeAsync();
        var isOver = time.GetUtcNow().ToUnixTimeMilliseconds() >= row.ExpiresMs;
        if (answer.IsRefusal && !isOver)
        {
            // What was held has used its id.
            if (answer.Headers.ContainsKey("x-flotilla-job-id"))
                await RenewAsync(entry, row, closing);
            entry.RetryAfter = answer.RetryAfter;
            return answer.IsOwnLimit ? DeferredEnd.OwnLimit : DeferredEnd.NoRoom;
        }

        if (!answer.IsWhole)
        {
            await FailAsync(entry, new ApiError(ApiErrorCode.NodeFailed, "The answer broke off. What was delivered is charged, nothing else."), closing);
            return DeferredEnd.Answered;
        }

        var status = answer.Status < StatusCodes.Status400BadRequest ? DeferredStatus.Completed : answer.IsRefusal ? DeferredStatus.Expired : DeferredStatus.Failed;
        var finished = row with { Status = status, HttpStatus = answer.Status, AnswerHeaders = DeferredHeaders.OfAnswer(answer.Headers) };
        await (isFile ? FinishAsync(entry, finished, file, closing) : FinishAsync(entry, finished, answer.Body, closing));
        return DeferredEnd.Answered;
    }

    /// <summary>Whether the request may run, after an earlier process may have begun it: then the ledger knows its job.</summary>
    private async Task<bool> MayRunAgainAsync(DeferredEntry entry, CancellationToken closing)
    {
        var row = entry.Row;
        var jobs = await CallJobs.FindAsync(ledger, new JobId(row.JobId), new NamespaceId(row.NamespaceId));
        if (jobs.Count == 0)
            return true;
        await RenewAsync(entry, row with { Runs = row.Runs + 1, Paid = row.Paid || jobs.Any(job => job.Charge > Credits.Zero) }, closing);
        return entry.Row.Runs < GatewayLimits.DeferredRunsMax;
    }

    private Task RenewAsync(DeferredEntry entry, DeferredRow row, CancellationToken closing)
    {
        entry.Row = row with { JobId = JobId.New(ids).Value };
        return StoreAsync(entry, () => table.RunAgainAsync(entry.Row), closing);
    }

    private Task FailAsync(DeferredEntry entry, ApiError error, CancellationToken closing)
    {
        var body = new ArrayBufferWriter<byte>(256);
        error.WriteTo(body);
        var headers = new HeaderDictionary { ["Content-Type"] = "application/json", ["x-request-id"] = entry.Row.Id };
        return FinishAsync(
            entry, entry.Row with { Status = DeferredStatus.Failed, HttpStatus = error.Status, AnswerHeaders = DeferredHeaders.OfAnswer(headers) }, body.WrittenMemory, closing);
    }

    private Task FinishAsync(DeferredEntry entry, DeferredRow row, ReadOnlyMemory<byte> answer, CancellationToken closing)
    {
        entry.Row = row with { FinishedMs = time.GetUtcNow().ToUnixTimeMilliseconds() };
        return StoreAsync(entry, () => table.FinishAsync(entry.Row, answer, events.Of(entry.Row, answer)), closing);
    }

    private Task FinishAsync(DeferredEntry entry, DeferredRow row, AnswerFile answer, CancellationToken closing)
    {
        entry.Row = row with { FinishedMs = time.GetUtcNow().ToUnixTimeMilliseconds() };
        return StoreAsync(entry, () => table.FinishAsync(entry.Row, answer, events.Of(entry.Row, ReadOnlyMemory<byte>.Empty)), closing);
    }

    /// <summary>A full disk is no reason to lose what was paid for: the same write is tried until it is done.</summary>
    private async Task StoreAsync(DeferredEntry entry, Func<Task> write, CancellationToken closing)
    {
        while (true)
        {
            try
            {
                await write();
                return;
            }
            catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
            {
                log.DeferredNotStored(failure, entry.Row.Id, StateLimits.StoreRetryTime.TotalSeconds);
                await Task.Delay(StateLimits.StoreRetryTime, time, closing);
            }
        }
    }
}
