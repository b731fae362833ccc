using Flotilla.Gateway.Telemetry;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Batches;

/// <summary>The batches that run, a few at a time, and those that wait for their turn.</summary>
internal sealed class BatchRunner(BatchTools tools, ILogger<BatchRunner> log) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (BatchRun Run, Task Task)> _runs = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turns = new(GatewayLimits.BatchesAtOnceMax);
    private readonly Dictionary<string, SemaphoreSlim> _owners = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closed = new();

    /// <summary>Goes on with what an earlier process left.</summary>
    public void Start()
    {
        foreach (var row in tools.Table.Open())
            Add(row, survived: true);
    }

    /// <summary>Takes in a batch that is stored.</summary>
    public void Add(BatchRow row) => Add(row, survived: false);

    /// <summary>The batch, while it waits or runs.</summary>
    public BatchRun? Find(string id)
    {
        lock (_lock)
            return _runs.TryGetValue(id, out var run) ? run.Run : null;
    }

    /// <summary>Begins no further line.</summary>
    public void Close()
    {
        _closed.Cancel();
        foreach (var (run, _) in Runs())
            run.Close();
    }

    /// <summary>Cuts off what runs and waits until it is settled; the next start goes on with it.</summary>
    public async Task StopAsync()
    {
        Close();
        var runs = Runs();
        foreach (var (run, _) in runs)
            await run.StopAsync();
        await Task.WhenAll(runs.Select(r => r.Task));
    }

    public void Dispose()
    {
        _closed.Dispose();
        _turns.Dispose();
        foreach (var turns in _owners.Values)
            turns.Dispose();
    }

    private void Add(BatchRow row, bool survived)
    {
        var run = new BatchRun(row, survived, tools);
        lock (_lock)
            _runs.Add(row.Id, (run, Task.Run(() => RunAsync(row.Id, run))));
    }

    private async Task RunAsync(string id, BatchRun run)
    {
        try
        {
            while (!await TryAsync(id, run))
                await Task.Delay(GatewayLimits.BatchRetryTime, tools.Time, _closed.Token);
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            // It waited for its turn, or for the disk, and still does after the next start.
        }

        lock (_lock)
            _runs.Remove(id);
    }

    /// <returns>Whether the batch is over, or as far as it comes before the gateway stops.</returns>
    private async Task<bool> TryAsync(string id, BatchRun run)
    {
        try
        {
            using var own = new BatchTurn(TurnsOf(run.Row.NamespaceId));
            await own.TakeAsync(_closed.Token);
            using var turn = new BatchTurn(_turns);
            await turn.TakeAsync(_closed.Token);
            await run.RunAsync(turn);
            return true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !_closed.IsCancellationRequested)
        {
            // The disk, most likely: it may have room again.
            log.BatchFailed(failure, id, GatewayLimits.BatchRetryTime.TotalSeconds);
            return run.IsExpired && await TryGiveUpAsync(id, run);
        }
    }

    private async Task<bool> TryGiveUpAsync(string id, BatchRun run)
    {
        try
        {
            await run.GiveUpAsync();
            log.BatchGivenUp(id);
            return true;
        }
        catch (Exception failure) when (failure is SqliteException or ObjectDisposedException)
        {
            log.BatchFailed(failure, id, GatewayLimits.BatchRetryTime.TotalSeconds);
            return false;
        }
    }

    private SemaphoreSlim TurnsOf(string owner)
    {
        lock (_lock)
        {
            if (!_owners.TryGetValue(owner, out var turns))
                _owners.Add(owner, turns = new SemaphoreSlim(GatewayLimits.BatchesPerNamespaceMax));
            return turns;
        }
    }

    private (BatchRun Run, Task Task)[] Runs()
    {
        lock (_lock)
            return [.. _runs.Values];
    }
}
