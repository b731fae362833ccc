using SQLitePCL;

namespace Flotilla.Ledger.Tests;

/// <summary>A way into the file past the ledger: what a shell or a thief would use.</summary>
internal static class RawSql
{
    /// <returns>SQLite's result code.</returns>
    public static int Run(string path, string sql)
    {
        Batteries_V2.Init();
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_open(path, out var connection));
        using (connection)
            return raw.sqlite3_exec(connection, sql);
    }
}
