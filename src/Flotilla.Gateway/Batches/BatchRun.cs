using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Files;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Stages;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Batches;

/// <summary>One batch from its file to its files: read through, run line by line as the fleet has room, finish.</summary>
/// <remarks>
/// What a crash may leave behind is found again without having been written down: the answers in the output files, whether a line was
/// charged in the ledger, under job ids that are made from batch and line. A line that was charged and has no answer is run again at no charge.
/// </remarks>
internal sealed class BatchRun(BatchRow row, bool survived, BatchTools tools)
{
    private readonly Lock _lock = new();
    private BatchRow _row = row;
    private bool _survived = survived;
    private BatchOutput? _answers;
    private BatchOutput? _refusals;
    private Exception? _failure;
    private long _bytesRunning;
    private int _running;
    private int _placed;
    private volatile bool _isClosed;

    /// <summary>How it stands now.</summary>
    public BatchRow Row
    {
        get
        {
            lock (_lock)
            {
                return _answers is { } answers && _refusals is { } refusals
                    ? _row with
                    {
                        Completed = answers.Count, Failed = refusals.Count, InputTokens = answers.Usage.Input, CachedTokens = answers.Usage.Cached,
                        OutputTokens = answers.Usage.Output, ReasoningTokens = answers.Usage.Reasoning,
                    }
                    : _row;
            }
        }
    }

    /// <summary>Whether its time is over.</summary>
    public bool IsExpired => NowMs >= Row.ExpiresMs;

    // Never disposed of: whoever cancels may come after the end, and a source without a timer holds nothing that must be freed.
    private CancellationTokenSource End { get; } = new();

    private bool IsCancelled => Row.CancellingMs is not null;

    private long NowMs => tools.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Begins no further line.</summary>
    public void Close() => _isClosed = true;

    /// <summary>Cuts off the lines that run; they are settled, and run again after the next start.</summary>
    public Task StopAsync()
    {
        _isClosed = true;
        return End.CancelAsync();
    }

    /// <summary>Ends the batch early: what runs is cut off, what was answered stays.</summary>
    public async Task CancelAsync()
    {
        await SaveAsync(r => r is { CancellingMs: null, Status: < BatchStatus.Finalizing } ? r with { Status = BatchStatus.Cancelling, CancellingMs = NowMs } : r);
        await End.CancelAsync();
    }

    /// <summary>Ends a batch that failed again and again until its time was over: what it was answered is lost, and nothing of it runs any more.</summary>
    public Task GiveUpAsync()
    {
        List<BatchFault> faults = [new BatchFault("internal_error", "The gateway could not bring this batch to its end in its time; its operator finds the reason in the log.", null, null)];
        return SaveAsync(r => r with { Status = BatchStatus.Failed, Errors = JsonSerializer.Serialize(faults, BatchJson.Default.ListBatchFault), EndedMs = NowMs });
    }

    /// <summary>Brings the batch to its end, or as far as the gateway lives. After an exception it can be called again, and goes on as after a crash.</summary>
    /// <param name="turn">Held; given up while nothing of the batch can run.</param>
    public async Task RunAsync(BatchTurn turn)
    {
        try
        {
            await ServeAsync(turn);
        }
        catch
        {
            (_survived, _failure) = (true, null);
            throw;
        }
    }

    private async Task ServeAsync(BatchTurn turn)
    {
        var check = await BatchCheck.ReadAsync(tools.Files, Row, CancellationToken.None);
        if (check.IsHopeless)
        {
            await SaveAsync(r => r with { Status = BatchStatus.Failed, Errors = check.ErrorsJson, Total = check.Total, EndedMs = NowMs });
            return;
        }

        await using var answers = new BatchOutput(tools.Files.Blobs, Row.OutputFileId);
        await using var refusals = new BatchOutput(tools.Files.Blobs, Row.ErrorFileId);
        await answers.RecoverAsync(CancellationToken.None);
        await refusals.RecoverAsync(CancellationToken.None);
        lock (_lock)
            (_answers, _refusals) = (answers, refusals);
        await SaveAsync(r => r with
        {
            Status = r.CancellingMs is null ? BatchStatus.InProgress : BatchStatus.Cancelling,
            InProgressMs = r.InProgressMs ?? NowMs, Errors = check.ErrorsJson, Total = check.Total, Model = check.Model,
        });
        try
        {
            await SendLinesAsync(check, turn, answers, refusals);
        }
        finally
        {
            await WhenNoneRunsAsync(turn);
        }

        if (_failure is not null)
            throw new IOException("A line's answer could not be stored.", _failure);
        if (!_isClosed || IsCancelled)
            await FinishAsync(answers, refusals);
    }

    private async Task SendLinesAsync(BatchCheck check, BatchTurn turn, BatchOutput answers, BatchOutput refusals)
    {
        await foreach (var text in BatchFile.LinesAsync(tools.Files.Blobs.Open(Row.InputFileId), GatewayLimits.BodyBytesMax, CancellationToken.None))
        {
            if (answers.Recovered.Contains(text.Number) || refusals.Recovered.Contains(text.Number))
                continue;
            var line = BatchLine.Read(text, Row.Endpoint);
            if (check.FaultOf(line) is { } fault)
                refusals.Refuse(Row.Id, line, fault);
            else if (await EnterAsync(line, turn) is { } place)
                _ = Task.Run(() => LineAsync(line, place, answers, refusals));
            else if (IsExpired && _failure is null && !IsCancelled && !_isClosed)
                refusals.Refuse(Row.Id, line, Expired(line));
            else
                break;
        }
    }

    private async Task WhenNoneRunsAsync(BatchTurn turn)
    {
        while (Volatile.Read(ref _running) > 0)
        {
            // There is nothing left to begin; what was refused comes back without a turn.
            if (Volatile.Read(ref _placed) == 0)
                turn.GiveUp();
            await tools.Room.WaitAsync(CancellationToken.None);
        }
    }

    /// <summary>Waits for room in the fleet and in memory.</summary>
    /// <returns>Null where the line is not to begin any more.</returns>
    private async Task<FleetPlace?> EnterAsync(BatchLine line, BatchTurn turn)
    {
        while (!_isClosed && !IsCancelled && _failure is null && !IsExpired)
        {
            var bytes = Volatile.Read(ref _bytesRunning);
            if ((bytes == 0 || bytes + line.Body.Length <= GatewayLimits.BatchBytesRunningMax) && Volatile.Read(ref _running) < GatewayLimits.BackgroundCallsPerNamespaceMax
                && TryEnter(line) is { } place)
            {
                Interlocked.Add(ref _bytesRunning, line.Body.Length);
                Interlocked.Increment(ref _running);
                return place;
            }

            await RestAsync(turn);
        }

        return null;
    }

    /// <summary>Waits until room may have come. While nothing of the batch runs, others have its turn: perhaps there is room for them.</summary>
    private async Task RestAsync(BatchTurn turn)
    {
        var isIdle = Volatile.Read(ref _placed) == 0;
        if (isIdle)
            turn.GiveUp();
        await tools.Room.WaitAsync(CancellationToken.None);
        if (!isIdle)
            return;
        try
        {
            await turn.TakeAsync(End.Token);
        }
        catch (OperationCanceledException) when (End.IsCancellationRequested)
        {
            // The end needs no turn.
        }
    }

    private FleetPlace? TryEnter(BatchLine line)
    {
        var place = tools.Room.TryEnter(Row.NamespaceId, line.Model, evenIfUnknown: !_survived);
        if (place is not null)
            Interlocked.Increment(ref _placed);
        return place;
    }

    private void Leave(FleetPlace place)
    {
        Interlocked.Decrement(ref _placed);
        tools.Room.Leave(place);
    }

    private async Task LineAsync(BatchLine line, FleetPlace first, BatchOutput answers, BatchOutput refusals)
    {
        FleetPlace? place = first;
        try
        {
            var (run, isPaid) = _survived ? await LookBackAsync(line) : (0, false);
            var (pause, forbidden) = (GatewayLimits.FleetLookInterval, 0);
            while (await TryAsync(line, run, isPaid, answers, refusals) is { } refusal)
            {
                if (refusal.IsForbiddenByWishes && ++forbidden == GatewayLimits.BatchForbiddenTriesMax)
                {
                    Store(line, refusal, answers, refusals);
                    return;
                }

                if (refusal.Headers.ContainsKey("x-flotilla-job-id"))
                    run++;
                // Others shall run in its place meanwhile.
                Leave(place);
                place = null;
                await Task.Delay(pause, tools.Time, End.Token);
                pause = pause * 2 < GatewayLimits.RefusedPauseMax ? pause * 2 : GatewayLimits.RefusedPauseMax;
                if ((place = await ReturnAsync(line, refusals)) is null)
                    return;
            }
        }
        catch (OperationCanceledException) when (End.IsCancellationRequested)
        {
            // Settled; without an answer it is run again, unless the batch is cancelled.
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
        finally
        {
            Interlocked.Add(ref _bytesRunning, -line.Body.Length);
            Interlocked.Decrement(ref _running);
            if (place is not null)
                Leave(place);
        }
    }

    /// <summary>Waits for room for a line that was refused.</summary>
    /// <returns>Null where it is not to be tried any more.</returns>
    private async Task<FleetPlace?> ReturnAsync(BatchLine line, BatchOutput refusals)
    {
        while (!_isClosed && _failure is null)
        {
            if (TryEnter(line) is { } place)
                return place;
            if (IsExpired)
            {
                refusals.Refuse(Row.Id, line, Expired(line));
                return null;
            }

            await tools.Room.WaitAsync(End.Token);
        }

        return null;
    }

    private static BatchFault Expired(BatchLine line) => new(BatchFault.Expired, "The batch's time was over before this line could be run.", null, line.Number);

    /// <summary>Runs the line once, and stores what came of it.</summary>
    /// <returns>What refused it for now; null where it is over.</returns>
    private async Task<CallAnswer?> TryAsync(BatchLine line, int run, bool isPaid, BatchOutput answers, BatchOutput refusals)
    {
        if (run >= GatewayLimits.BatchRunsMax)
        {
            refusals.Refuse(Row.Id, line, new BatchFault("node_failed", $"The line was begun {run} times and never came to an end.", null, line.Number));
            return null;
        }

        if (tools.Callers.Find(new NamespaceId(Row.NamespaceId), new KeyId(Row.KeyId)) is not { } caller)
        {
            refusals.Refuse(Row.Id, line, new BatchFault("invalid_api_key", "The key that made this batch was revoked.", null, line.Number));
            return null;
        }

        var answer = await tools.Calls.RunAsync(Call(line, run, caller with { PriceBasisPoints = isPaid ? 0 : tools.Options.BatchPriceBasisPoints }), End.Token);
        if (answer.IsRefusal && !IsExpired)
            return answer;
        Store(line, answer, answers, refusals);
        return null;
    }

    private void Store(BatchLine line, CallAnswer answer, BatchOutput answers, BatchOutput refusals)
    {
        if (!answer.IsWhole)
            refusals.Refuse(Row.Id, line, new BatchFault("node_failed", "The answer broke off.", null, line.Number));
        else
            (answer.Status < StatusCodes.Status400BadRequest ? answers : refusals).Answer(Row.Id, line, BatchNames.Request(Row.Id, line.Number).Value, answer);
    }

    /// <summary>What an earlier process did of this line: how many jobs it made for it, and whether one was charged.</summary>
    private async Task<(int Run, bool IsPaid)> LookBackAsync(BatchLine line)
    {
        var isPaid = false;
        for (var run = 0; ; run++)
        {
            if (run == GatewayLimits.BatchRunsMax)
                return (run, isPaid);
            var jobs = await CallJobs.FindAsync(tools.Ledger, BatchNames.Job(Row.Id, line.Number, run), new NamespaceId(Row.NamespaceId));
            if (jobs.Count == 0)
                return (run, isPaid);
            isPaid |= jobs.Any(job => job.Charge > Credits.Zero);
        }
    }

    private InternalCall Call(BatchLine line, int run, Caller caller) => new()
    {
        Path = Row.Endpoint,
        Body = PipeReader.Create(new ReadOnlySequence<byte>(line.Body)),
        Caller = caller,
        Request = BatchNames.Request(Row.Id, line.Number),
        Job = BatchNames.Job(Row.Id, line.Number, run),
    };

    private async Task FinishAsync(BatchOutput answers, BatchOutput refusals)
    {
        var isExpired = refusals.HasExpired;
        await SaveAsync(r => r.CancellingMs is null ? r with { Status = BatchStatus.Finalizing, FinalizingMs = NowMs } : r);
        List<FileRow> made = [];
        if (answers.Count > 0)
            made.Add(Made(Row.OutputFileId, "output", await answers.FinishAsync()));
        if (refusals.Count > 0)
            made.Add(Made(Row.ErrorFileId, "error", await refusals.FinishAsync()));
        // A cancellation has come by now, or finds the batch finalizing and changes nothing.
        var last = Row;
        var end = last with { Status = last.CancellingMs is not null ? BatchStatus.Cancelled : isExpired ? BatchStatus.Expired : BatchStatus.Completed, EndedMs = NowMs };
        await tools.Table.SaveAsync(end, [.. made]);
        // Only now: whoever sees the end looks for the files.
        lock (_lock)
            (_row, _answers, _refusals) = (end, null, null);
        if (answers.Count == 0)
            tools.Files.Blobs.Delete(Row.OutputFileId);
        if (refusals.Count == 0)
            tools.Files.Blobs.Delete(Row.ErrorFileId);
    }

    private FileRow Made(string id, string kind, long bytes) => new()
    {
        Id = id,
        NamespaceId = Row.NamespaceId,
        Filename = $"{Row.Id}_{kind}.jsonl",
        Purpose = "batch_output",
        Bytes = bytes,
        CreatedMs = NowMs,
        ExpiresMs = NowMs + ((Row.OutputSeconds ?? (long)StateLimits.BatchFilesKept.TotalSeconds) * 1_000),
    };

    private Task SaveAsync(Func<BatchRow, BatchRow> change)
    {
        // Stored in the order in which it was changed, and not at all where it was not.
        lock (_lock)
        {
            var changed = change(_row);
            return ReferenceEquals(changed, _row) ? Task.CompletedTask : tools.Table.SaveAsync(_row = changed);
        }
    }
}
