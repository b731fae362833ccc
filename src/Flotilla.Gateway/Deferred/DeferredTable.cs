using Dapper;
using Flotilla.Core;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Webhooks;

namespace Flotilla.Gateway.Deferred;

/// <summary>Deferred requests on disk: rows, and bodies that are too large for a row.</summary>
internal sealed class DeferredTable(StateStore state, DeliveryTable deliveries, GatewayOptions options)
{
    private const string Columns = "id, namespace_id, key_id, path, model, content_type, headers, priority, created_ms, expires_ms, job_id, runs, paid, status, finished_ms, http_status, answer_headers, about";
    private readonly Blobs _bodies = new(Path.Combine(options.DataFolder, "bodies"));

    /// <summary>A request body that streams to the disk before its row is written.</summary>
    public FileStream BeginBody(string id) => _bodies.Create(id);

    /// <summary>Makes such a body durable.</summary>
    public Task<long> EndBodyAsync(string id, FileStream body) => _bodies.FinishAsync(id, body);

    /// <summary>Forgets such a body.</summary>
    public void DropBody(string id) => _bodies.Delete(id);

    /// <summary>Takes a request in, unless its namespace keeps as much as it may.</summary>
    /// <param name="row">The request.</param>
    /// <param name="body">Its body; null where it streamed to the disk.</param>
    /// <param name="bytes">Length of the body; what its answer has reserved counts beside it.</param>
    public async Task<bool> TryAddAsync(DeferredRow row, ReadOnlyMemory<byte>? body, long bytes)
    {
        var inRow = body is { Length: <= StateLimits.RowBodyBytesMax } small ? small.ToArray() : null;
        if (inRow is null && body is { } large)
            await _bodies.WriteAsync(row.Id, large);
        return await _bodies.NameAsync(row.Id, state.WriteAsync(db =>
        {
            var (items, kept) = Stored.Of(db, row.NamespaceId, Stored.Requests);
            if (items >= StateLimits.RequestsPerNamespaceMax || kept + bytes + row.Reserved > options.StoredBytesMax)
                return false;
            db.Execute(
                $"INSERT INTO request ({Columns}, body, bytes, reserved) VALUES (@Id, @NamespaceId, @KeyId, @Path, @Model, @ContentType, @Headers, @Priority, @CreatedMs, @ExpiresMs, @JobId, 0, 0, 1, NULL, NULL, NULL, @About, @Body, @Bytes, @Reserved)",
                new { row.Id, row.NamespaceId, row.KeyId, row.Path, row.Model, row.ContentType, row.Headers, Priority = (int)row.Priority, row.CreatedMs, row.ExpiresMs, row.JobId, row.About, Body = inRow, Bytes = bytes + row.Reserved, row.Reserved });
            return true;
        }));
    }

    /// <summary>Removes bodies that no row names.</summary>
    public void Sweep() =>
        _bodies.Sweep(id => state.Read(db => db.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM request WHERE id = @id)", new { id = OwnerOf(id) })));

    /// <summary>The requests that were not answered when the gateway stopped, whoever's.</summary>
    public IReadOnlyList<DeferredRow> Open() => state.Read(db => db.Query<DeferredRow>($"SELECT {Columns} FROM request WHERE status = 1 ORDER BY priority, created_ms, id").AsList());

    /// <summary>One request of the namespace, or null.</summary>
    public DeferredRow? Find(NamespaceId owner, string id) => state.Read(db => db.QuerySingleOrDefault<DeferredRow>(
        $"SELECT {Columns} FROM request WHERE id = @id AND namespace_id = @owner", new { id, owner = owner.Value }));

    /// <summary>A page of the namespace's requests, the newest first.</summary>
    public IReadOnlyList<DeferredRow> List(NamespaceId owner, string? after, int limit) => state.Read(db => db.Query<DeferredRow>(
        $"SELECT {Columns} FROM request WHERE namespace_id = @owner AND (@after IS NULL OR id < @after) ORDER BY id DESC LIMIT @limit",
        new { owner = owner.Value, after, limit }).AsList());

    /// <summary>A page of what one door shows of the namespace's requests.</summary>
    /// <param name="owner">The namespace.</param>
    /// <param name="path">Where they were posted.</param>
    /// <param name="endedAfter">Those that ended earlier are left out.</param>
    /// <param name="after">The last id of the page before.</param>
    /// <param name="newestFirst">The order; ids begin with the time.</param>
    /// <param name="limit">Rows at most.</param>
    public IReadOnlyList<DeferredRow> ListShown(NamespaceId owner, string path, DateTimeOffset endedAfter, string? after, bool newestFirst, int limit)
    {
        var (beyond, order) = newestFirst ? ("id < @after", "DESC") : ("id > @after", "ASC");
        return state.Read(db => db.Query<DeferredRow>(
            $"SELECT {Columns} FROM request WHERE namespace_id = @owner AND path = @path AND about IS NOT NULL AND (finished_ms IS NULL OR finished_ms >= @ended) AND (@after IS NULL OR {beyond}) ORDER BY id {order} LIMIT @limit",
            new { owner = owner.Value, path, ended = endedAfter.ToUnixTimeMilliseconds(), after, limit }).AsList());
    }

    /// <summary>The body as it was posted.</summary>
    public Stream Body(string id) =>
        state.Read(db => db.ExecuteScalar<byte[]?>("SELECT body FROM request WHERE id = @id", new { id })) is { } small ? new MemoryStream(small, writable: false) : _bodies.Open(id);

    /// <summary>The body of the answer.</summary>
    public Stream Answer(string id) =>
        state.Read(db => db.ExecuteScalar<byte[]?>("SELECT answer FROM request WHERE id = @id", new { id })) is { } small ? new MemoryStream(small, writable: false) : _bodies.Open(AnswerOf(id));

    /// <summary>Where a run may write an answer that is a file.</summary>
    public AnswerFile BeginAnswer(string id) => new(_bodies, AnswerOf(id));

    /// <summary>A new run begins after one that a crash, or a fleet without room, has ended.</summary>
    public Task RunAgainAsync(DeferredRow row) => state.WriteAsync(db => db.Execute(
        "UPDATE request SET job_id = @JobId, runs = @Runs, paid = @Paid WHERE id = @Id", new { row.JobId, row.Runs, row.Paid, row.Id }));

    /// <summary>The request has its answer; it is on the disk when this returns, and so is what webhooks are told of it.</summary>
    /// <returns>False where it was deleted meanwhile.</returns>
    public async Task<bool> FinishAsync(DeferredRow row, ReadOnlyMemory<byte> answer, IReadOnlyList<WebhookEvent> events)
    {
        var inRow = answer.Length <= StateLimits.RowBodyBytesMax ? answer.ToArray() : null;
        if (inRow is null)
            await _bodies.WriteAsync(AnswerOf(row.Id), answer);
        return await FinishAsync(row, inRow, answer.Length, events);
    }

    /// <summary>The same, with an answer that lies in its place already.</summary>
    public async Task<bool> FinishAsync(DeferredRow row, AnswerFile answer, IReadOnlyList<WebhookEvent> events)
    {
        // Whatever comes now, the file is the table's to remove.
        answer.Keep();
        return await FinishAsync(row, inRow: null, answer.Bytes!.Value, events);
    }

    private async Task<bool> FinishAsync(DeferredRow row, byte[]? inRow, long bytes, IReadOnlyList<WebhookEvent> events)
    {
        var changed = await state.WriteAsync(db =>
        {
            var rows = db.Execute(
                "UPDATE request SET status = @Status, finished_ms = @FinishedMs, http_status = @HttpStatus, answer_headers = @AnswerHeaders, answer = @Answer, bytes = bytes - reserved + @Bytes, reserved = 0 WHERE id = @Id AND status = 1",
                new { Status = (int)row.Status, row.FinishedMs, row.HttpStatus, row.AnswerHeaders, Answer = inRow, Bytes = bytes, row.Id });
            foreach (var happened in rows > 0 ? events : [])
                deliveries.Insert(db, happened);
            return rows;
        });
        if (changed == 0)
            _bodies.Delete(AnswerOf(row.Id));
        foreach (var happened in events)
            happened.Announce();
        return changed > 0;
    }

    /// <summary>Forgets a request and its answer.</summary>
    public async Task DeleteAsync(string id)
    {
        await state.WriteAsync(db => db.Execute("DELETE FROM request WHERE id = @id", new { id }));
        _bodies.Delete(id);
        _bodies.Delete(AnswerOf(id));
    }

    /// <summary>Forgets what was answered long enough ago, a few at a time; what a door shows is a video, and has a time of its own.</summary>
    /// <returns>Whether there may be more.</returns>
    public async Task<bool> ForgetAsync(DateTimeOffset now)
    {
        var (before, shownBefore) = ((now - StateLimits.AnswersKept).ToUnixTimeMilliseconds(), (now - options.VideosKept).ToUnixTimeMilliseconds());
        var old = state.Read(db => db.Query<string>(
            "SELECT id FROM request WHERE status <> 1 AND finished_ms < @latest AND finished_ms < CASE WHEN about IS NULL THEN @before ELSE @shownBefore END LIMIT @limit",
            new { latest = Math.Max(before, shownBefore), before, shownBefore, limit = StateLimits.SweptAtOnceMax }).AsList());
        await Task.WhenAll(old.Select(DeleteAsync));
        return old.Count == StateLimits.SweptAtOnceMax;
    }

    private static string AnswerOf(string id) => id + "-answer";

    private static string OwnerOf(string blob) => blob.EndsWith("-answer", StringComparison.Ordinal) ? blob[..^"-answer".Length] : blob;
}
