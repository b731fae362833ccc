using System.Threading.Channels;
using Dapper;
using Flotilla.Core;
using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.State;

/// <summary>What the gateway must remember and is not money: one SQLite file with one writer thread, and readers beside it.</summary>
/// <remarks>
/// Readers open the file read-only, so that they never write or checkpoint: two connections that do are what SQLite's WAL-reset
/// race needs (docs/decisions/0009). The ledger's lock keeps a second gateway out of the folder.
/// </remarks>
internal sealed class StateStore : IAsyncDisposable
{
    private readonly Channel<StateOperation> _queue = Channel.CreateBounded<StateOperation>(
        new BoundedChannelOptions(StateLimits.QueuedWritesMax) { SingleReader = true });

    private readonly SqliteConnection _writer;
    private readonly string _reading;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // A column namespace_id is the property NamespaceId.
    static StateStore() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    private StateStore(SqliteConnection writer, string path)
    {
        _writer = writer;
        _reading = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly }.ToString();
        new Thread(Serve) { Name = "flotilla-state", IsBackground = true }.Start();
    }

    /// <summary>Opens <c>state.db</c> in the data folder, making it where there is none. The folder's ledger must be open.</summary>
    /// <exception cref="InvalidOperationException">A newer Flotilla wrote it.</exception>
    /// <exception cref="SqliteException">It is damaged.</exception>
    public static StateStore Open(string dataFolder)
    {
        var path = Path.Combine(dataFolder, "state.db");
        if (!File.Exists(path))
            PrivateFile.Write(path, string.Empty);
        var writer = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            writer.Open();
            writer.Execute("""
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                PRAGMA foreign_keys = 1;
                PRAGMA trusted_schema = 0;
                PRAGMA cell_size_check = 1;
                PRAGMA temp_store = MEMORY;
                """);
            StateMigrations.Run(writer);
            return new StateStore(writer, path);
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Changes tables; durable when the task ends.</summary>
    /// <param name="work">Runs in a transaction on the writer thread, perhaps twice; must keep no state of its own. What it throws undoes it and comes back to the caller.</param>
    /// <exception cref="SqliteException">The disk is full or broken, or a constraint does not hold; nothing has changed.</exception>
    /// <exception cref="ObjectDisposedException">The gateway stops.</exception>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, T> work)
    {
        var operation = new StateOperation<T>(work);
        try
        {
            await _queue.Writer.WriteAsync(operation);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(StateStore), "The gateway stops; nothing is stored any more.");
        }

        return await operation.Task;
    }

    /// <summary>Looks something up, on the caller's thread: a row or a page of rows through an index, never a whole table.</summary>
    public T Read<T>(Func<SqliteConnection, T> query)
    {
        using var reader = new SqliteConnection(_reading);
        reader.Open();
        return query(reader);
    }

    /// <summary>Works off what is queued and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _ended.Task;
        using (var reader = new SqliteConnection(_reading))
            SqliteConnection.ClearPool(reader);
        _writer.Dispose();
    }

    private void Serve()
    {
        var batch = new List<StateOperation>(StateLimits.WritesPerCommitMax);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            batch.Clear();
            while (batch.Count < StateLimits.WritesPerCommitMax && _queue.Reader.TryRead(out var operation))
                batch.Add(operation);
            if (Refusal(batch) is not { } refusal)
                continue;
            // One of them is guilty: alone, each of the others succeeds.
            if (batch.Count == 1)
                batch[0].Fail(refusal);
            else
                batch.ForEach(RunAlone);
        }

        _ended.SetResult();
    }

    private void RunAlone(StateOperation operation)
    {
        if (Refusal([operation]) is { } reason)
            operation.Fail(reason);
    }

    /// <summary>Applies operations in one transaction; what kept them from it, or null.</summary>
    private Exception? Refusal(List<StateOperation> operations)
    {
        try
        {
            _writer.Execute("BEGIN IMMEDIATE");
            foreach (var operation in operations)
                operation.Execute(_writer);
            _writer.Execute("COMMIT");
        }
        catch (Exception reason)
        {
            // SQLite has ended the transaction itself where the disk was the reason.
            if (SQLitePCL.raw.sqlite3_get_autocommit(_writer.Handle) == 0)
                _writer.Execute("ROLLBACK");
            return reason;
        }

        operations.ForEach(operation => operation.Complete());
        return null;
    }
}
