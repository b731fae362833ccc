namespace Flotilla.Ledger;

/// <summary>The limits of this room, each with its origin.</summary>
public static class LedgerLimits
{
    /// <summary>Characters of a name that people give (account, namespace, key). Kubernetes allows 253 for a name; half is still a sentence.</summary>
    public const int NameCharsMax = 128;

    /// <summary>Characters of an id. Ours have at most 37; the rest is room for a prefix of another system.</summary>
    public const int IdCharsMax = 64;

    /// <summary>Characters of a model's name: Hugging Face allows 96 for each of owner and repository.</summary>
    public const int ModelCharsMax = 200;

    /// <summary>Characters of a funding's reason and of a job's error text: a line for a person, not a log.</summary>
    public const int NoteCharsMax = 500;

    /// <summary>Bytes of one receipt. Ours measure about 1 KiB; an unbounded one would grow the money's own file.</summary>
    public const int ReceiptBytesMax = 16 * 1024;

    /// <summary>The longest hold: a stream of a whole day. A hold without an end would lock money for ever.</summary>
    public static readonly TimeSpan HoldTimeoutMax = TimeSpan.FromHours(24);

    /// <summary>The longest life of a join token: a day to walk to the other machine.</summary>
    public static readonly TimeSpan JoinTokenLifetimeMax = TimeSpan.FromHours(24);

    /// <summary>Usage rows in one answer. A year of days for 270 keys; a caller with more asks in parts.</summary>
    public const int UsageRowsMax = 100_000;

    /// <summary>Jobs of one page: the most that OpenAI's lists give.</summary>
    public const int JobRowsMax = 100;

    /// <summary>Transfers that one look for ended jobs goes through: a millisecond, in which no money moves.</summary>
    public const int LogRowsMax = 500;

    /// <summary>Reads that wait at once; whoever comes then waits for room. They take turns with the batches, one each.</summary>
    public const int QueuedReadsMax = 1_024;

    /// <summary>Violations that an audit spells out; it counts the rest. A broken ledger must not make an endless report.</summary>
    public const int AuditViolationsMax = 100;

    /// <summary>The oldest SQLite that this room was built against: it answers <c>RETURNING</c> and generated columns (2021-03).</summary>
    public const int SqliteVersionMin = 3_035_000;

    /// <summary>SQLite 3.52.0 was withdrawn by its authors.</summary>
    public const int SqliteVersionWithdrawn = 3_052_000;

    /// <summary>Pages written to the write-ahead log before they are copied into the database: 16 MiB, read back in well under
    /// a second after a crash.</summary>
    public const int WalPagesMax = 4_096;

    /// <summary>Page cache of the one connection, in KiB: holds the ends of every index of a ledger of millions of rows.</summary>
    public const int CacheKibibytes = 16 * 1024;
}
