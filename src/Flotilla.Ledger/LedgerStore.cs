using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>The one door to the ledger: opens the file, owns its writer, and hands out the books.</summary>
public sealed class LedgerStore : IAsyncDisposable
{
    private readonly LedgerWriter _writer;
    private readonly LockFile _lock;
    private readonly ITimer _sweep;

    private LedgerStore(LedgerOptions options, TimeProvider time, LedgerWriter writer, LockFile held, OpenedLedger opened)
    {
        _writer = writer;
        _lock = held;
        Recovery = opened.Recovery;
        Money = new MoneyBook(writer, opened.State.Accounts);
        Keys = new KeyBook(writer, opened.Keys);
        Nodes = new NodeBook(writer, Keys, opened.Nodes);
        Prices = new PriceBook(writer, opened.Prices);
        Jobs = new JobBook(writer);
        Usage = new UsageBook(writer);
        var holds = opened.State.Holds;
        // The writer looks for expired holds at the start of each batch; this only wakes it when no batch comes by itself.
        _sweep = time.CreateTimer(_ => Wake(holds), null, options.SweepInterval, options.SweepInterval);
    }

    /// <summary>What opening found and put right.</summary>
    public RecoveryReport Recovery { get; }

    /// <summary>Funds, holds, settlements, balances.</summary>
    public MoneyBook Money { get; }

    /// <summary>Accounts, namespaces, API keys.</summary>
    public KeyBook Keys { get; }

    /// <summary>Join tokens and nodes.</summary>
    public NodeBook Nodes { get; }

    /// <summary>Prices by model.</summary>
    public PriceBook Prices { get; }

    /// <summary>Jobs and receipts.</summary>
    public JobBook Jobs { get; }

    /// <summary>Usage by key, namespace, model and day.</summary>
    public UsageBook Usage { get; }

    /// <summary>Why the ledger has stopped; null while it works. A gateway with a faulted ledger is not ready and must be restarted.</summary>
    public LedgerFaultedException? Fault => _writer.Fault;

    /// <summary>Opens the ledger, making it where there is none: takes the lock, brings the tables up to date, checks the file after
    /// an unclean stop, and resolves what an earlier process left open.</summary>
    /// <param name="options">Where it lies, and its limits.</param>
    /// <param name="time">The clock of every timestamp and deadline.</param>
    /// <param name="ids">The source of ids and secrets.</param>
    /// <param name="ct">Observed until the file is touched.</param>
    /// <exception cref="LedgerInUseException">Another process has it open.</exception>
    /// <exception cref="LedgerUnusableException">It is damaged, or newer than this program, or SQLite is unfit.</exception>
    public static async Task<LedgerStore> OpenAsync(LedgerOptions options, TimeProvider time, IIdSource ids, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchOpsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.QueueOpsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.SweepInterval, TimeSpan.Zero);
        options.DefaultPrice.ThrowIfInvalid();
        ct.ThrowIfCancellationRequested();
        options = options with { Path = Path.GetFullPath(options.Path) };
        Directory.CreateDirectory(Path.GetDirectoryName(options.Path)!);
        var held = LockFile.Take(options.Path);
        try
        {
            var writer = new LedgerWriter(options, () => LedgerOpening.Run(options, time, ids));
            return new LedgerStore(options, time, writer, held, await writer.Opened);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Recomputes everything from the immutable transfers. The writer waits meanwhile: for tests, for the
    /// command line, for a quiet hour.</summary>
    public Task<AuditReport> AuditAsync(CancellationToken ct) => _writer.RunAsync(Auditor.Run, committed: null, ct);

    /// <summary>Works off what is queued, closes the file cleanly and lets go of the lock.</summary>
    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync();
        await _writer.DisposeAsync();
        _lock.Dispose();
    }

    /// <summary>Runs work on the writer thread; the tests' way to reach what has no door.</summary>
    internal Task<T> RunAsync<T>(Func<WriterState, T> work, CancellationToken ct) => _writer.RunAsync(work, committed: null, ct);

    /// <summary>Runs a look at the rows, behind the work; the tests' way to see when.</summary>
    internal Task<T> ReadAsync<T>(Func<Database, T> read, CancellationToken ct) => _writer.ReadAsync(read, ct);

    private void Wake(OpenHolds holds)
    {
        // A full queue means that the writer is awake; a faulted one has nothing left to expire.
        if (holds.HasAny && _writer.Fault is null)
            _writer.TryWake();
    }
}
