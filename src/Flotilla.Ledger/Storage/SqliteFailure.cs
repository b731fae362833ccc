using SQLitePCL;

namespace Flotilla.Ledger;

/// <summary>SQLite refused; what follows from it depends on the code.</summary>
internal sealed class SqliteFailure(int code, int extendedCode, string message)
    : IOException($"SQLite answered {code} ({extendedCode}): {message}.")
{
    /// <summary>The primary result code.</summary>
    public int Code { get; } = code;

    /// <summary>No room: nothing is damaged, and a later attempt can succeed.</summary>
    public bool IsFull => Code == raw.SQLITE_FULL;

    /// <summary>Whether the transaction was refused while the file is sound: a broken constraint or a value too large.
    /// Everything else that is not <see cref="IsFull"/> says that the disk, the file or our use of SQLite is broken.</summary>
    public bool IsRefusal => Code is raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG;

    /// <summary>Another process holds the file's own lock.</summary>
    public bool IsBusy => Code is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    /// <summary>The connection's last error.</summary>
    public static SqliteFailure Of(sqlite3 connection, int code) =>
        new(code & 0xff, raw.sqlite3_extended_errcode(connection), raw.sqlite3_errmsg(connection).utf8_to_string());
}
