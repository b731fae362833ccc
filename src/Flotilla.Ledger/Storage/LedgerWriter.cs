using System.Threading.Channels;

namespace Flotilla.Ledger;

/// <summary>
/// The one thread that touches the ledger. Whatever waits when a batch begins becomes one transaction and one fsync; the
/// callers are answered after it. There is no savepoint for each operation: a batch that is refused is rolled back, and each
/// of its operations is run again alone, so that only the guilty one fails. That costs nothing while nothing is refused.
/// </summary>
internal sealed class LedgerWriter : IAsyncDisposable
{
    private readonly Channel<LedgerOperation> _queue;
    private readonly Channel<LedgerOperation> _reads;
    private readonly Func<OpenedLedger> _open;
    private readonly LedgerOptions _options;
    private readonly TaskCompletionSource<OpenedLedger> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Exception? _end;

    public LedgerWriter(LedgerOptions options, Func<OpenedLedger> open)
    {
        _options = options;
        _open = open;
        _queue = Channel.CreateBounded<LedgerOperation>(new BoundedChannelOptions(options.QueueOpsMax) { SingleReader = true });
        _reads = Channel.CreateBounded<LedgerOperation>(new BoundedChannelOptions(LedgerLimits.QueuedReadsMax) { SingleReader = true });
        new Thread(Run) { Name = "flotilla-ledger", IsBackground = true }.Start();
    }

    /// <summary>Completes when the file is open and recovered.</summary>
    public Task<OpenedLedger> Opened => _opened.Task;

    /// <summary>Why the ledger has stopped; null while it works.</summary>
    public LedgerFaultedException? Fault => _end as LedgerFaultedException;

    /// <summary>Queues work and waits for its durable end; waits for room first where there is none.</summary>
    /// <param name="work">Runs on the writer thread, perhaps twice; must not keep state of its own.</param>
    /// <param name="committed">Runs on the writer thread after the commit.</param>
    /// <param name="ct">Observed until the work is queued; what is queued runs to its end.</param>
    public async Task<T> RunAsync<T>(Func<WriterState, T> work, Action<T>? committed, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var operation = new LedgerOperation<T>(work, committed);
        try
        {
            if (!_queue.Writer.TryWrite(operation))
                await _queue.Writer.WriteAsync(operation, ct);
        }
        catch (ChannelClosedException)
        {
            throw _end!;
        }

        return await operation.Task;
    }

    /// <summary>Queues a look at the rows, behind whatever moves money: between two batches there is one read, however many wait.</summary>
    /// <param name="read">Runs on the writer thread; changes nothing and touches few rows.</param>
    /// <param name="ct">Observed until the read is queued.</param>
    public async Task<T> ReadAsync<T>(Func<Database, T> read, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var operation = new LedgerOperation<T>(state => read(state.Database), committed: null);
        try
        {
            await _reads.Writer.WriteAsync(operation, ct);
        }
        catch (ChannelClosedException)
        {
            throw _end!;
        }

        TryWake();
        return await operation.Task;
    }

    /// <summary>Queues work when there is room for it.</summary>
    /// <returns>The task of its durable end; null when the queue is full.</returns>
    public Task<T>? TryRunAsync<T>(Func<WriterState, T> work)
    {
        var operation = new LedgerOperation<T>(work, committed: null);
        if (_queue.Writer.TryWrite(operation))
            return operation.Task;
        return _end is { } end ? throw end : null;
    }

    /// <summary>Makes the writer begin a batch, where it waits for one.</summary>
    public void TryWake() => _queue.Writer.TryWrite(new LedgerOperation<int>(_ => 0, committed: null));

    /// <summary>Works off what is queued, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _end ??= new ObjectDisposedException(nameof(LedgerStore));
        _reads.Writer.TryComplete();
        _queue.Writer.TryComplete();
        await _ended.Task;
    }

    private void Run()
    {
        try
        {
            var ledger = _open();
            _opened.SetResult(ledger);
            Serve(ledger.State);
        }
        catch (Exception failure) when (!_opened.Task.IsCompleted)
        {
            _end = failure;
            _queue.Writer.TryComplete();
            _opened.SetException(failure);
        }
        finally
        {
            _ended.SetResult();
        }
    }

    private void Serve(WriterState state)
    {
        var batch = new List<LedgerOperation>(_options.BatchOpsMax + 1);
        try
        {
            while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                batch.Clear();
                if (state.Holds.AnyDue(state.NowTicks()))
                    batch.Add(new LedgerOperation<int>(ResolveHold.ExpireDue, committed: null));
                while (batch.Count < _options.BatchOpsMax && _queue.Reader.TryRead(out var operation))
                    batch.Add(operation);
                Apply(state, batch);
                ReadOne(state);
                if (state.Database.WalPages() >= LedgerLimits.WalPagesMax)
                    state.Database.TryCheckpoint(truncate: false);
            }

            batch.Clear();
            while (_reads.Reader.TryRead(out var read))
                Apply(state, [read]);
            Close(state.Database);
        }
        catch (Exception failure)
        {
            Stop(failure, batch);
            state.Database.Abandon();
        }
    }

    private void ReadOne(WriterState state)
    {
        if (!_reads.Reader.TryRead(out var read))
            return;
        Apply(state, [read]);
        // The queue's own work wakes the loop by itself; reads that wait behind this one don't.
        if (_reads.Reader.Count > 0)
            TryWake();
    }

    private void Apply(WriterState state, List<LedgerOperation> batch)
    {
        if (TryApply(state, batch) is not { } refusal)
            return;
        if (batch.Count == 1)
        {
            batch[0].Fail(refusal);
            return;
        }

        foreach (var operation in batch)
        {
            if (TryApply(state, [operation]) is { } reason)
                operation.Fail(reason);
        }
    }

    private Exception? TryApply(WriterState state, List<LedgerOperation> operations)
    {
        try
        {
            state.Begin();
            foreach (var operation in operations)
                operation.Execute(state);
            state.Commit();
        }
        catch (Exception failure) when (failure is not SqliteFailure { IsFull: false, IsRefusal: false })
        {
            state.Rollback();
            return failure is SqliteFailure { IsFull: true } ? new LedgerFullException(_options.Path, failure) : failure;
        }

        foreach (var operation in operations)
            operation.Complete();
        return null;
    }

    private void Stop(Exception failure, List<LedgerOperation> batch)
    {
        var fault = new LedgerFaultedException(_options.Path, failure);
        _end = fault;
        _queue.Writer.TryComplete();
        _reads.Writer.TryComplete();
        while (_reads.Reader.TryRead(out var read))
            read.Fail(fault);
        foreach (var operation in batch)
            operation.Fail(fault);
        while (_queue.Reader.TryRead(out var operation))
            operation.Fail(fault);
    }

    private static void Close(Database database)
    {
        database.Execute("UPDATE meta SET value = 1 WHERE name = 'clean'");
        database.TryCheckpoint(truncate: true);
        database.Dispose();
    }
}
