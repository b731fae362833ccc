using Dapper;
using Flotilla.Gateway.State;
using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.Tests.State;

public sealed class StateStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-state-").FullName;

    [Fact]
    public async Task What_was_written_is_read_at_once_and_after_a_restart()
    {
        await using (var store = StateStore.Open(_folder))
        {
            await MakeTableAsync(store);
            await store.WriteAsync(db => db.Execute("INSERT INTO thing VALUES ('a')"));
            Assert.Equal(["a"], Things(store));
        }

        await using var again = StateStore.Open(_folder);
        Assert.Equal(["a"], Things(again));
    }

    [Fact]
    public async Task Of_writes_that_come_together_only_the_one_that_breaks_a_rule_fails()
    {
        await using var store = StateStore.Open(_folder);
        await MakeTableAsync(store);
        using var gate = new ManualResetEventSlim();

        // While the first holds the writer, the others queue up and share a transaction.
        var held = store.WriteAsync(_ => { gate.Wait(); return 0; });
        Task<int>[] writes = [.. "abac".Select(name => store.WriteAsync(db => db.Execute("INSERT INTO thing VALUES (@name)", new { name = name.ToString() })))];
        gate.Set();
        await held;

        await writes[0];
        await writes[1];
        await Assert.ThrowsAsync<SqliteException>(() => writes[2]);
        await writes[3];
        Assert.Equal(["a", "b", "c"], Things(store));
    }

    [Fact]
    public async Task Work_that_throws_changes_nothing()
    {
        await using var store = StateStore.Open(_folder);
        await MakeTableAsync(store);

        await Assert.ThrowsAsync<FormatException>(() => store.WriteAsync<int>(db =>
        {
            db.Execute("INSERT INTO thing VALUES ('half')");
            throw new FormatException();
        }));

        Assert.Empty(Things(store));
    }

    [Fact]
    public async Task A_reader_sees_no_half_transaction_and_cannot_write()
    {
        await using var store = StateStore.Open(_folder);
        await MakeTableAsync(store);

        await store.WriteAsync(db =>
        {
            db.Execute("INSERT INTO thing VALUES ('a')");
            Assert.Empty(Things(store));
            return 0;
        });

        Assert.Throws<SqliteException>(() => store.Read(db => db.Execute("INSERT INTO thing VALUES ('b')")));
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused()
    {
        await using (var store = StateStore.Open(_folder))
        {
        }

        using (var raw = new SqliteConnection($"Data Source={Path.Combine(_folder, "state.db")};Pooling=False"))
        {
            raw.Open();
            raw.Execute("PRAGMA user_version = 999");
        }

        Assert.Contains("newer", Assert.Throws<InvalidOperationException>(() => StateStore.Open(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Migrations_are_numbered_from_one_without_a_gap() =>
        Assert.Equal(Enumerable.Range(1, StateMigrations.All.Count), StateMigrations.All.Select(m => m.Version));

    [Fact]
    public async Task Blobs_that_no_row_names_are_swept()
    {
        var blobs = new Blobs(Path.Combine(_folder, "blobs"));
        await blobs.WriteAsync("file-known", "hello"u8.ToArray());
        await blobs.WriteAsync("file-orphan", "hello"u8.ToArray());
        await blobs.Create("file-torn").DisposeAsync();

        blobs.Sweep(id => id == "file-known");

        Assert.Equal(["file-known"], Directory.GetFiles(Path.Combine(_folder, "blobs")).Select(Path.GetFileName));
        Assert.Throws<ArgumentException>(() => blobs.Open("../state.db"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Task<int> MakeTableAsync(StateStore store) => store.WriteAsync(db => db.Execute("CREATE TABLE thing (name TEXT PRIMARY KEY) WITHOUT ROWID"));

    private static string[] Things(StateStore store) => store.Read(db => db.Query<string>("SELECT name FROM thing ORDER BY name").ToArray());
}
