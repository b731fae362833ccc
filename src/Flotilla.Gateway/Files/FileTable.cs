using Dapper;
using Flotilla.Core;
using Flotilla.Gateway.State;

namespace Flotilla.Gateway.Files;

/// <summary>Files on disk and what is known of them.</summary>
internal sealed class FileTable(StateStore state, GatewayOptions options)
{
    /// <summary>What every file's id begins with.</summary>
    public const string Prefix = "file-";

    private const string Columns = "id, namespace_id, filename, purpose, bytes, created_ms, expires_ms";
    private const string IsFree = "NOT EXISTS (SELECT 1 FROM batch WHERE batch.status < 5 AND batch.input_file_id = file.id)";

    /// <summary>The bytes.</summary>
    public Blobs Blobs { get; } = new(Path.Combine(options.DataFolder, "files"));

    /// <summary>How many bytes more the namespace may keep; 0 where it has too many files.</summary>
    public long BytesLeft(NamespaceId owner)
    {
        var (items, bytes) = state.Read(db => Stored.Of(db, owner.Value, Stored.Files));
        return items >= StateLimits.FilesPerNamespaceMax ? 0 : Math.Max(0, options.StoredBytesMax - bytes);
    }

    /// <summary>Names a file whose bytes are stored, unless its namespace keeps as much as it may: uploads beside this one may have used up what was left when it began. The bytes are gone then.</summary>
    public Task<bool> TryAddAsync(FileRow row) => Blobs.NameAsync(row.Id, state.WriteAsync(db => TryInsert(db, row)));

    /// <summary>The same within a transaction of somebody else, who drops the bytes of what was not named.</summary>
    public bool TryInsert(Microsoft.Data.Sqlite.SqliteConnection db, FileRow row)
    {
        var (items, bytes) = Stored.Of(db, row.NamespaceId, Stored.Files);
        return items < StateLimits.FilesPerNamespaceMax && bytes + row.Bytes <= options.StoredBytesMax && Insert(db, row) > 0;
    }

    /// <summary>Names a file, within a transaction of somebody else; one that has its name keeps it.</summary>
    public static int Insert(Microsoft.Data.Sqlite.SqliteConnection db, FileRow row) => db.Execute(
        $"INSERT INTO file ({Columns}) VALUES (@Id, @NamespaceId, @Filename, @Purpose, @Bytes, @CreatedMs, @ExpiresMs) ON CONFLICT (id) DO NOTHING", row);

    /// <summary>One file of the namespace, or null.</summary>
    public FileRow? Find(NamespaceId owner, string id) => state.Read(db => db.QuerySingleOrDefault<FileRow>(
        $"SELECT {Columns} FROM file WHERE id = @id AND namespace_id = @owner", new { id, owner = owner.Value }));

    /// <summary>A page of the namespace's files; ids begin with the time.</summary>
    public IReadOnlyList<FileRow> List(NamespaceId owner, string? purpose, string? after, bool newestFirst, int limit)
    {
        var (beyond, order) = newestFirst ? ("id < @after", "DESC") : ("id > @after", "ASC");
        return state.Read(db => db.Query<FileRow>(
            $"SELECT {Columns} FROM file WHERE namespace_id = @owner AND (@purpose IS NULL OR purpose = @purpose) AND (@after IS NULL OR {beyond}) ORDER BY id {order} LIMIT @limit",
            new { owner = owner.Value, purpose, after, limit }).AsList());
    }

    /// <summary>Forgets a file, unless a batch that is not over reads it: without it the batch could not publish answers that are paid.</summary>
    public async Task<bool> TryDeleteAsync(string id)
    {
        var isFree = await state.WriteAsync(db => db.Execute($"DELETE FROM file WHERE id = @id AND {IsFree}", new { id })) > 0;
        if (isFree)
            Blobs.Delete(id);
        return isFree;
    }

    /// <summary>Forgets files whose time is over, a few at a time.</summary>
    /// <returns>Whether there may be more.</returns>
    public async Task<bool> ForgetAsync(DateTimeOffset now)
    {
        var old = state.Read(db => db.Query<string>(
            $"SELECT id FROM file WHERE expires_ms < @now AND {IsFree} LIMIT @limit", new { now = now.ToUnixTimeMilliseconds(), limit = StateLimits.SweptAtOnceMax }).AsList());
        await Task.WhenAll(old.Select(TryDeleteAsync));
        return old.Count == StateLimits.SweptAtOnceMax;
    }

    /// <summary>Whether a row names these bytes.</summary>
    public bool IsKnown(string id) => state.Read(db => db.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM file WHERE id = @id)", new { id }));
}
