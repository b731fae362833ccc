using Dapper;
using Flotilla.Core;
using Flotilla.Gateway.State;
using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.Idempotency;

/// <summary>Idempotency keys and what was answered under them, by namespace, for a day.</summary>
internal sealed class AnswerBook(StateStore state, GatewayOptions options, TimeProvider time)
{
    /// <summary>What is known of a key; null for a new one, or one that was forgotten.</summary>
    public KeptAnswer? Find(NamespaceId owner, string key) => state.Read(database => Find(database, owner, key));

    /// <summary>Remembers that a run begins, before it begins.</summary>
    /// <returns>What was there already, and then nothing is changed; null where the run may begin.</returns>
    public Task<KeptAnswer?> BeginAsync(NamespaceId owner, string key, byte[] fingerprint, JobId job, RequestId request, JobId? instead) => state.WriteAsync(database =>
    {
        if (Find(database, owner, key) is { } known && known.Job != instead)
            return known;
        Forget(database, owner, key);
        database.Execute(
            "INSERT INTO idempotency (namespace_id, key, fingerprint, job_id, request_id, created_ms) VALUES (@owner, @key, @fingerprint, @job, @request, @now)",
            new { owner = owner.Value, key, fingerprint, job = job.Value, request = request.Value, now = Now() });
        return null;
    });

    /// <summary>Keeps a whole answer under a new key, together with what it tells of; a short one, which takes nobody's room.</summary>
    /// <param name="owner">Whose key.</param>
    /// <param name="key">The key.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="store">Stores what it tells of, in the same transaction; false where that cannot be, and then nothing is kept.</param>
    /// <returns>What is known under the key now; null where nothing could be stored. And whether it is this answer.</returns>
    public Task<(KeptAnswer? Known, bool IsNew)> KeepWithAsync(NamespaceId owner, string key, KeptAnswer answer, Func<SqliteConnection, bool> store) => state.WriteAsync<(KeptAnswer?, bool)>(database =>
    {
        if (Find(database, owner, key) is { } known)
            return (known, false);
        if (!store(database))
            return (null, false);
        Forget(database, owner, key);
        database.Execute(
            "INSERT INTO idempotency (namespace_id, key, fingerprint, job_id, request_id, created_ms, http_status, headers, answer, bytes) VALUES (@owner, @key, @fingerprint, @job, @request, @now, @status, @headers, @body, @bytes)",
            new
            {
                owner = owner.Value, key, fingerprint = answer.Fingerprint, job = answer.Job.Value, request = answer.Request?.Value, now = Now(),
                status = answer.Status, headers = answer.Headers, body = answer.Body, bytes = answer.Body.Length,
            });
        return (answer, true);
    });

    /// <summary>Keeps the answer, unless the namespace has no room for it; when the task ends, every repeat gets it.</summary>
    public Task KeepAsync(NamespaceId owner, string key, int status, string headers, byte[] body) => state.WriteAsync(database =>
        Stored.Of(database, owner.Value, Stored.Answers).Bytes + body.Length > options.StoredBytesMax ? 0 : database.Execute(
            "UPDATE idempotency SET http_status = @status, headers = @headers, answer = @body, bytes = @bytes WHERE namespace_id = @owner AND key = @key",
            new { owner = owner.Value, key, status, headers, body, bytes = body.Length }));

    /// <summary>Forgets a run that charged nothing and whose answer is not worth repeating: the next one runs anew.</summary>
    public Task ForgetAsync(NamespaceId owner, string key) => state.WriteAsync(database => Forget(database, owner, key));

    /// <summary>Forgets keys that are older than a day, a few at a time.</summary>
    /// <returns>Whether there may be more.</returns>
    public async Task<bool> ForgetOldAsync() => await state.WriteAsync(database => database.Execute(
        "DELETE FROM idempotency WHERE (namespace_id, key) IN (SELECT namespace_id, key FROM idempotency WHERE created_ms < @oldest LIMIT @limit)",
        new { oldest = Oldest(), limit = StateLimits.IdempotentAnswersSweptAtOnce })) == StateLimits.IdempotentAnswersSweptAtOnce;

    /// <summary>How many keys a namespace has now.</summary>
    public long Count(NamespaceId owner) => state.Read(database => Stored.Of(database, owner.Value, Stored.Answers).Items);

    private static int Forget(SqliteConnection database, NamespaceId owner, string key) => database.Execute(
        "DELETE FROM idempotency WHERE namespace_id = @owner AND key = @key", new { owner = owner.Value, key });

    private KeptAnswer? Find(SqliteConnection database, NamespaceId owner, string key)
    {
        using var row = database.ExecuteReader(
            "SELECT fingerprint, job_id, request_id, http_status, headers, answer FROM idempotency WHERE namespace_id = @owner AND key = @key AND created_ms >= @oldest",
            new { owner = owner.Value, key, oldest = Oldest() });
        return row.Read()
            ? new KeptAnswer(
                (byte[])row.GetValue(0), new JobId(row.GetString(1)), row.IsDBNull(2) ? null : new RequestId(row.GetString(2)), row.IsDBNull(3) ? null : row.GetInt32(3),
                row.IsDBNull(4) ? "" : row.GetString(4), row.IsDBNull(5) ? [] : (byte[])row.GetValue(5))
            : null;
    }

    private long Oldest() => Now() - (long)StateLimits.IdempotencyAge.TotalMilliseconds;

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
