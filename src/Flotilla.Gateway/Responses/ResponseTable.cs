using Dapper;
using Flotilla.Core;
using Flotilla.Gateway.State;
using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.Responses;

/// <summary>The responses that are kept to be asked for again, and to be continued. A namespace sees its own alone.</summary>
internal sealed class ResponseTable(StateStore state, TimeProvider time)
{
    /// <summary>Keeps a response, and forgets the oldest where the namespace keeps more than it may: keeping is the default, so that it must never stand in the way of an answer.</summary>
    public Task AddAsync(ResponseRow row)
    {
        var oldest = Oldest();
        var items = KeptItems.IdsOf(row);
        return state.WriteAsync(db =>
        {
            db.Execute("DELETE FROM response WHERE id IN (SELECT id FROM response WHERE created_ms < @oldest LIMIT @limit)", new { oldest, limit = StateLimits.ResponsesSweptAtOnce });
            // A run in the background that a crash has cut off is repeated, and its answer is the later one.
            db.Execute("DELETE FROM response WHERE id = @Id AND namespace_id = @Namespace", row);
            db.Execute("INSERT INTO response (id, namespace_id, created_ms, body, input, conversation, bytes) VALUES (@Id, @Namespace, @CreatedMs, @Body, @Input, @Conversation, @Bytes)", row);
            db.Execute("INSERT OR IGNORE INTO response_item (namespace_id, item_id, response_id) VALUES (@Namespace, @Item, @Id)", items.Select(item => new { row.Namespace, Item = item, row.Id }));
            while (IsOverLimit(db, row.Namespace))
                db.Execute("DELETE FROM response WHERE id = (SELECT id FROM response WHERE namespace_id = @Namespace ORDER BY id LIMIT 1)", row);
            return true;
        });
    }

    /// <summary>The response object; null where the namespace keeps none of this id.</summary>
    public byte[]? Body(NamespaceId owner, string id) => Column("body", owner, id);

    /// <summary>The items of its input; null likewise.</summary>
    public byte[]? Input(NamespaceId owner, string id) => Column("input", owner, id);

    /// <summary>The conversation; null likewise.</summary>
    public byte[]? Conversation(NamespaceId owner, string id) => Column("conversation", owner, id);

    /// <summary>The newest response that has each of these items, as far as there is one.</summary>
    public IReadOnlyList<(string Item, string Response)> WithItems(NamespaceId owner, IReadOnlyList<string> ids) => state.Read(db => db.Query<(string, string)>(
        """
        SELECT i.item_id, max(i.response_id) FROM response_item i JOIN response r ON r.id = i.response_id
        WHERE i.namespace_id = @owner AND i.item_id IN @ids AND r.created_ms >= @oldest GROUP BY i.item_id
        """,
        new { owner = owner.Value, ids, oldest = Oldest() }).AsList());

    /// <summary>Bytes of these responses together.</summary>
    public long BytesOf(NamespaceId owner, IReadOnlyList<string> ids) => state.Read(db => db.ExecuteScalar<long>(
        "SELECT coalesce(sum(bytes), 0) FROM response WHERE namespace_id = @owner AND id IN @ids", new { owner = owner.Value, ids }));

    /// <summary>Forgets a response.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DeleteAsync(NamespaceId owner, string id) =>
        await state.WriteAsync(db => db.Execute("DELETE FROM response WHERE id = @id AND namespace_id = @owner", new { id, owner = owner.Value })) > 0;

    private byte[]? Column(string name, NamespaceId owner, string id) => state.Read(db => db.ExecuteScalar<byte[]?>(
        $"SELECT {name} FROM response WHERE id = @id AND namespace_id = @owner AND created_ms >= @oldest", new { id, owner = owner.Value, oldest = Oldest() }));

    private long Oldest() => (time.GetUtcNow() - StateLimits.ResponsesKept).ToUnixTimeMilliseconds();

    private static bool IsOverLimit(SqliteConnection database, string owner)
    {
        var (items, bytes) = database.QuerySingle<(long, long)>("SELECT items, bytes FROM stored WHERE namespace_id = @owner AND kind = 'response'", new { owner });
        return items > StateLimits.ResponsesPerNamespaceMax || (bytes > StateLimits.ResponseBytesPerNamespaceMax && items > 1);
    }
}
