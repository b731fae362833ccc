using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>Everything that belongs to the writer thread: the connection, the tables, and what is kept in memory of them.
/// A transaction covers the memory too: a rollback takes both back to the last durable batch.</summary>
internal sealed class WriterState
{
    private readonly TimeProvider _time;

    public WriterState(Database database, TimeProvider time, IIdSource ids, long epoch)
    {
        _time = time;
        Database = database;
        Ids = ids;
        Epoch = epoch;
        Accounts = new LedgerAccounts(database);
        Transfers = new TransferTable(database, Bytes);
        Jobs = new JobTable(database);
    }

    public Database Database { get; }

    public IIdSource Ids { get; }

    /// <summary>Counts the opens of this file.</summary>
    public long Epoch { get; }

    public LedgerAccounts Accounts { get; }

    public TransferTable Transfers { get; }

    public JobTable Jobs { get; }

    public OpenHolds Holds { get; } = new();

    /// <summary>The one buffer in which this thread hashes.</summary>
    public CanonicalBytes Bytes { get; } = new();

    /// <summary>The wall clock, for what people read.</summary>
    public long NowMicroseconds() => Timestamps.Of(_time.GetUtcNow());

    /// <summary>The monotonic clock, for deadlines.</summary>
    public long NowTicks() => _time.GetTimestamp();

    /// <summary>A moment on the monotonic clock.</summary>
    public long TicksAfter(TimeSpan span) => NowTicks() + (long)((Int128)span.Ticks * _time.TimestampFrequency / TimeSpan.TicksPerSecond);

    /// <summary>Writes a transfer and applies it to its accounts.</summary>
    /// <param name="draft">The transfer.</param>
    /// <param name="held">The amount of the hold that it ends; zero when it ends none.</param>
    /// <returns>Its place.</returns>
    public long Append(TransferDraft draft, long held)
    {
        Accounts.Move(draft.Kind, draft.Debit, draft.Credit, draft.Amount, held);
        return Transfers.Append(draft, NowMicroseconds());
    }

    /// <summary>Writes what is gathered in memory for the end of the batch.</summary>
    public void Flush()
    {
        Accounts.Flush();
        Transfers.Flush();
        Jobs.Flush();
    }

    public void Begin() => Database.Begin();

    /// <summary>Makes everything since <see cref="Begin"/> durable, then visible.</summary>
    public void Commit()
    {
        Flush();
        Database.Commit();
        Accounts.Commit();
        Transfers.Commit();
        Holds.Commit();
    }

    public void Rollback()
    {
        Accounts.Rollback();
        Transfers.Rollback();
        Jobs.Rollback();
        Holds.Rollback();
        Database.Rollback();
    }
}
