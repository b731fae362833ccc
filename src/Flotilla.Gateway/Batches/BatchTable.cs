using Dapper;
using Flotilla.Core;
using Flotilla.Gateway.Files;
using Flotilla.Gateway.State;

namespace Flotilla.Gateway.Batches;

/// <summary>Batches on disk.</summary>
internal sealed class BatchTable(StateStore state)
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

    /// <summary>Stores how a batch stands, and names the files that it has made. A batch that is over stays as it is.</summary>
    public Task SaveAsync(BatchRow row, params FileRow[] made) => state.WriteAsync(db => made.Sum(file => FileTable.Insert(db, file)) + db.Execute(
        """
        UPDATE batch SET status = @Status, errors = @Errors, model = @Model, in_progress_ms = @InProgressMs, finalizing_ms = @FinalizingMs, cancelling_ms = @CancellingMs, ended_ms = @EndedMs,
            total = @Total, completed = @Completed, failed = @Failed, input_tokens = @InputTokens, cached_tokens = @CachedTokens, output_tokens = @OutputTokens, reasoning_tokens = @ReasoningTokens
        WHERE id = @Id AND status < 5
        """, row));

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
}
