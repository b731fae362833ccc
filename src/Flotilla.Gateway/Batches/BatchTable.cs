using Dapper;
using Flotilla.Core;
using Flotilla.Gateway.Files;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Webhooks;
using Flotilla.Protocol.OpenAI;
using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.Batches;

/// <summary>Batches on disk.</summary>
internal sealed class BatchTable(StateStore state, WebhookBook webhooks, DeliveryTable deliveries)
{
    private const string Columns = """
        id, namespace_id, key_id, endpoint, input_file_id, output_file_id, error_file_id, output_seconds, metadata, status, errors, model, created_ms,
        expires_ms, in_progress_ms, finalizing_ms, cancelling_ms, ended_ms, total, completed, failed, input_tokens, cached_tokens, output_tokens, reasoning_tokens
        """;

    /// <summary>Takes a batch in, unless its namespace has as many open ones as it may.</summary>
    public Task<bool> TryAddAsync(BatchRow row) => state.WriteAsync(db =>
    {
        var open = db.ExecuteScalar<long>("SELECT count(*) FROM batch WHERE namespace_id = @NamespaceId AND status < 5", row);
        if (open >= StateLimits.OpenBatchesPerNamespaceMax)
            return false;
        db.Execute($"""
            INSERT INTO batch ({Columns}) VALUES (@Id, @NamespaceId, @KeyId, @Endpoint, @InputFileId, @OutputFileId, @ErrorFileId, @OutputSeconds, @Metadata, @Status, @Errors, @Model,
                @CreatedMs, @ExpiresMs, @InProgressMs, @FinalizingMs, @CancellingMs, @EndedMs, @Total, @Completed, @Failed, @InputTokens, @CachedTokens, @OutputTokens, @ReasoningTokens)
            """, row);
        return true;
    });

    /// <summary>Stores how a batch stands, names the files that it has made, and tells webhooks of its end. A batch that is over stays as it is.</summary>
    public async Task SaveAsync(BatchRow row, params FileRow[] made)
    {
        var ended = row.Status >= BatchStatus.Completed
            ? webhooks.Event(row.NamespaceId, WebhookEventTypes.Batch + row.Status.ToString().ToLowerInvariant(), row.Model, WebhookBook.Named(row.Id))
            : null;
        await state.WriteAsync(db =>
        {
            foreach (var file in made)
                FileTable.Insert(db, file);
            var changed = Update(db, row);
            if (changed > 0 && ended is not null)
                deliveries.Insert(db, ended);
            return changed;
        });
        ended?.Announce();
    }

    /// <summary>The batches that are not over, whoever's.</summary>
    public IReadOnlyList<BatchRow> Open() => state.Read(db => db.Query<BatchRow>($"SELECT {Columns} FROM batch WHERE status < 5 ORDER BY id").AsList());

    /// <summary>One batch of the namespace, or null.</summary>
    public BatchRow? Find(NamespaceId owner, string id) => state.Read(db => db.QuerySingleOrDefault<BatchRow>(
        $"SELECT {Columns} FROM batch WHERE id = @id AND namespace_id = @owner", new { id, owner = owner.Value }));

    /// <summary>A page of the namespace's batches, the newest first.</summary>
    public IReadOnlyList<BatchRow> List(NamespaceId owner, string? after, int limit) => state.Read(db => db.Query<BatchRow>(
        $"SELECT {Columns} FROM batch WHERE namespace_id = @owner AND (@after IS NULL OR id < @after) ORDER BY id DESC LIMIT @limit",
        new { owner = owner.Value, after, limit }).AsList());

    /// <summary>Whether bytes without a row of their own belong to a batch that still writes them.</summary>
    public bool Writes(string file) => state.Read(db => db.ExecuteScalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM batch WHERE status < 5 AND (output_file_id = @file OR error_file_id = @file))", new { file }));

    private static int Update(SqliteConnection db, BatchRow row) => db.Execute(
        """
        UPDATE batch SET status = @Status, errors = @Errors, model = @Model, in_progress_ms = @InProgressMs, finalizing_ms = @FinalizingMs, cancelling_ms = @CancellingMs, ended_ms = @EndedMs,
            total = @Total, completed = @Completed, failed = @Failed, input_tokens = @InputTokens, cached_tokens = @CachedTokens, output_tokens = @OutputTokens, reasoning_tokens = @ReasoningTokens
        WHERE id = @Id AND status < 5
        """, row);
}
