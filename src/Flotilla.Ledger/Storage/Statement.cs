using System.Text;
using SQLitePCL;

namespace Flotilla.Ledger;

/// <summary>One statement, prepared once and used again; parameters and columns by position. For the writer thread alone.</summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;
    private byte[] _text = new byte[256];

    public Statement(sqlite3 connection, string sql)
    {
        const uint Persistent = 0x01;
        _connection = connection;
        var code = raw.sqlite3_prepare_v3(connection, sql, Persistent, out _statement);
        if (code != raw.SQLITE_OK)
            throw SqliteFailure.Of(connection, code);
    }

    public Statement Bind(int at, long value) => Checked(raw.sqlite3_bind_int64(_statement, at, value));

    public Statement Bind(int at, long? value) => value is { } some ? Bind(at, some) : BindNull(at);

    public Statement Bind(int at, ReadOnlySpan<byte> value) => Checked(value.IsEmpty
        ? raw.sqlite3_bind_zeroblob(_statement, at, 0) // an empty span has no address, which SQLite takes for NULL
        : raw.sqlite3_bind_blob(_statement, at, value));

    public Statement Bind(int at, string? value)
    {
        if (value is null)
            return BindNull(at);
        if (value.Length == 0)
            return Checked(raw.sqlite3_bind_text(_statement, at, ""));
        var bytesMax = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (bytesMax > _text.Length)
            _text = new byte[bytesMax];
        var length = Encoding.UTF8.GetBytes(value, _text);
        return Checked(raw.sqlite3_bind_text(_statement, at, _text.AsSpan(0, length)));
    }

    public Statement BindNull(int at) => Checked(raw.sqlite3_bind_null(_statement, at));

    /// <summary>Runs a statement that answers no rows.</summary>
    public void Run()
    {
        Step();
        Reset();
    }

    /// <summary>Moves to the next row. After the last one the statement is ready for the next use.</summary>
    /// <returns>Whether there is a row.</returns>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code == raw.SQLITE_DONE)
        {
            Reset();
            return false;
        }

        var failure = SqliteFailure.Of(_connection, code);
        Reset();
        throw failure;
    }

    /// <summary>Ends a read before its last row. The code that this answers repeats the error of the last step, which was thrown there.</summary>
    public void Reset() => _ = raw.sqlite3_reset(_statement);

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public long? NullableInt64(int column) => IsNull(column) ? null : Int64(column);

    /// <summary>By length, not up to the first NUL: a text may hold one.</summary>
    public string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(_statement, column));

    public string? NullableText(int column) => IsNull(column) ? null : Text(column);

    public byte[] Blob(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    public void Dispose() => _statement.Dispose();

    private Statement Checked(int code) => code == raw.SQLITE_OK ? this : throw SqliteFailure.Of(_connection, code);
}
