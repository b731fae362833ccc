using SQLitePCL;

namespace Flotilla.Ledger;

/// <summary>The one connection to the ledger's file.</summary>
/// <remarks>
/// There is one connection in total, in every version of SQLite. Versions 3.7.0 to 3.51.2 can damage a write-ahead log when
/// two connections write or checkpoint at once; <c>locking_mode=EXCLUSIVE</c> keeps every second connection out, be it ours, a
/// second gateway's or a curious shell's, and makes reads wait their turn between batches instead. The index of the log then
/// lies in our own memory: no shared-memory file, and nothing mapped.
/// </remarks>
internal sealed class Database : IDisposable
{
    private const int WalPagesWrittenCounter = 9; // SQLITE_DBSTATUS_CACHE_WRITE: in WAL mode, pages appended to the log
    private readonly sqlite3 _connection;
    private readonly List<Statement> _statements = [];
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _rollback;

    private Database(sqlite3 connection)
    {
        _connection = connection;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
    }

    /// <summary>The loaded library's version, as in 3035005.</summary>
    public static int LibraryVersion
    {
        get
        {
            Batteries_V2.Init();
            return raw.sqlite3_libversion_number();
        }
    }

    /// <summary>Opens or makes the file, readable by its owner alone.</summary>
    public static Database Open(string path)
    {
        CheckLibrary(LibraryVersion);
        CreatePrivately(path);
        const int Flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(path, out var connection, Flags, null);
        try
        {
            if (code != raw.SQLITE_OK)
                throw SqliteFailure.Of(connection, code);
            Configure(connection);
            return new Database(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A statement that lives as long as the connection.</summary>
    public Statement Prepare(string sql)
    {
        var statement = new Statement(_connection, sql);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>A statement that its user disposes of.</summary>
    public Statement PrepareOnce(string sql) => new(_connection, sql);

    /// <summary>Runs statements that answer nothing, such as a migration.</summary>
    public void Execute(string sql) => Execute(_connection, sql);

    /// <summary>The first column of the first row of a query.</summary>
    public long Scalar(string sql)
    {
        using var statement = PrepareOnce(sql);
        return statement.Step() ? statement.Int64(0) : throw new InvalidOperationException($"'{sql}' answered no row.");
    }

    public void Begin() => _begin.Run();

    /// <summary>Ends the transaction; when this returns, it is on the disk.</summary>
    public void Commit() => _commit.Run();

    /// <summary>Undoes the transaction, unless SQLite has done so itself.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(_connection) == 0)
            _rollback.Run();
    }

    /// <summary>Pages appended to the write-ahead log since the last checkpoint.</summary>
    public int WalPages()
    {
        var code = raw.sqlite3_db_status(_connection, WalPagesWrittenCounter, out var pages, out _, 0);
        return code == raw.SQLITE_OK ? pages : throw SqliteFailure.Of(_connection, code);
    }

    /// <summary>Copies the write-ahead log into the database. SQLite's own automatic checkpoint ignores errors, also those of
    /// fsync; this one reports them.</summary>
    /// <param name="truncate">Whether to leave the log empty, instead of to be written over.</param>
    /// <returns>False when the disk is too full for it: the log stays as it is, and nothing is lost.</returns>
    public bool TryCheckpoint(bool truncate)
    {
        var mode = truncate ? raw.SQLITE_CHECKPOINT_TRUNCATE : raw.SQLITE_CHECKPOINT_PASSIVE;
        var code = raw.sqlite3_wal_checkpoint_v2(_connection, "main", mode, out _, out _);
        if ((code & 0xff) == raw.SQLITE_FULL)
            return false;
        if (code != raw.SQLITE_OK)
            throw SqliteFailure.Of(_connection, code);
        _ = raw.sqlite3_db_status(_connection, WalPagesWrittenCounter, out _, out _, 1);
        return true;
    }

    /// <summary>Closes without touching the files again, after the disk has failed.</summary>
    public void Abandon()
    {
        const int NoCheckpointOnClose = 1006; // SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE
        _ = raw.sqlite3_db_config(_connection, NoCheckpointOnClose, 1, out _);
        Dispose();
    }

    /// <summary>What <c>PRAGMA quick_check</c> finds; empty when the file is sound.</summary>
    public string QuickCheck()
    {
        using var check = PrepareOnce("PRAGMA quick_check(1)");
        var answer = check.Step() ? check.Text(0) : "no answer";
        return answer == "ok" ? "" : answer;
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
            statement.Dispose();
        _connection.Dispose();
    }

    internal static void CheckLibrary(int version)
    {
        if (version < LedgerLimits.SqliteVersionMin || version == LedgerLimits.SqliteVersionWithdrawn)
        {
            throw new LedgerUnusableException($"SQLite {version} is loaded; the ledger needs {LedgerLimits.SqliteVersionMin} (3.35) or later, "
                + $"and not {LedgerLimits.SqliteVersionWithdrawn} (3.52.0, withdrawn). Restore the packages again.");
        }
    }

    private static void Configure(sqlite3 connection)
    {
        raw.sqlite3_extended_result_codes(connection, 1);
        // locking_mode before journal_mode: only then does the log's index stay out of shared memory.
        Execute(connection, """
            PRAGMA locking_mode = EXCLUSIVE;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA fullfsync = 1;
            PRAGMA checkpoint_fullfsync = 1;
            PRAGMA wal_autocheckpoint = 0;
            PRAGMA foreign_keys = 1;
            PRAGMA mmap_size = 0;
            PRAGMA trusted_schema = 0;
            PRAGMA cell_size_check = 1;
            PRAGMA temp_store = MEMORY;
            """);
        Execute(connection, $"PRAGMA cache_size = -{LedgerLimits.CacheKibibytes}");
    }

    private static void Execute(sqlite3 connection, string sql)
    {
        var code = raw.sqlite3_exec(connection, sql);
        if (code != raw.SQLITE_OK)
            throw SqliteFailure.Of(connection, code);
    }

    private static void CreatePrivately(string path)
    {
        // Only a file that is not there: opening and closing one that is would drop every lock that this process has on it (POSIX).
        if (File.Exists(path))
            return;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(path, options).Dispose();
    }
}
