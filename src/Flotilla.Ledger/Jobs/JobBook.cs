using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>Jobs and their receipts. Reads take their turn with the writer, between two batches.</summary>
public sealed class JobBook
{
    // Tenancy is a part of the query: a wrong namespace finds nothing, and the caller can't forget to compare.
    private const string OfTenant = " AND (?2 IS NULL OR j.namespace_id = ?2)";
    private const string Columns = """
        SELECT j.id, j.request_id, j.namespace_id, j.key_id, j.model, j.endpoint, j.status, h.id, h.amount, j.price_version, s.id, j.charge,
            j.node_id, j.finish, j.error, j.prompt_tokens, j.cached_tokens, j.completion_tokens, h.created_us, j.finished_us, r.seq IS NOT NULL

        """;
    private const string Query = Columns + """
        FROM job j JOIN transfer h ON h.seq = j.seq
            LEFT JOIN transfer s ON s.hold_seq = j.seq AND s.kind IN (3, 4, 5)
            LEFT JOIN receipt r ON r.seq = j.seq

        """;

    private readonly LedgerWriter _writer;

    internal JobBook(LedgerWriter writer) => _writer = writer;

    /// <summary>A job by its id; null when there is none, or it is another namespace's.</summary>
    /// <param name="job">The job.</param>
    /// <param name="ns">Who asks; null for an admin, who may see all.</param>
    /// <param name="ct">Observed until the read is queued.</param>
    public Task<JobRecord?> FindAsync(JobId job, NamespaceId? ns, CancellationToken ct = default) =>
        _writer.ReadAsync(database => Read(database, Query + "WHERE j.id = ?1" + OfTenant, job.Value, ns), ct);

    /// <summary>Those of some jobs that there are, and that are not another namespace's, in the order in which they are asked for.</summary>
    /// <param name="jobs">The jobs, at most <see cref="LedgerLimits.JobRowsMax"/>.</param>
    /// <param name="ns">Who asks; null for an admin, who may see all.</param>
    /// <param name="ct">Observed until the read is queued.</param>
    public Task<IReadOnlyList<JobRecord>> FindAsync(IReadOnlyList<JobId> jobs, NamespaceId? ns, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(jobs.Count, LedgerLimits.JobRowsMax);
        return _writer.ReadAsync<IReadOnlyList<JobRecord>>(
            database => [.. jobs.Select(job => Read(database, Query + "WHERE j.id = ?1" + OfTenant, job.Value, ns)).OfType<JobRecord>()], ct);
    }

    /// <summary>A job by the id of its hold or of its settlement; null when there is none, or it is another namespace's.</summary>
    /// <param name="transfer">The id of a transfer.</param>
    /// <param name="ns">Who asks; null for an admin, who may see all.</param>
    /// <param name="ct">Observed until the read is queued.</param>
    public Task<JobRecord?> FindByTransferAsync(TransferId transfer, NamespaceId? ns, CancellationToken ct = default) =>
        _writer.ReadAsync(
            database => Read(
                database,
                Query + "WHERE j.seq = (SELECT coalesce(hold_seq, seq) FROM transfer WHERE id = ?1)" + OfTenant,
                transfer.Value,
                ns),
            ct);

    /// <summary>A job's signed receipt; null when there is none, or it is another namespace's.</summary>
    /// <param name="job">The job.</param>
    /// <param name="ns">Who asks; null for an admin, who may see all.</param>
    /// <param name="ct">Observed until the read is queued.</param>
    public Task<byte[]?> FindReceiptAsync(JobId job, NamespaceId? ns, CancellationToken ct = default) => _writer.ReadAsync(
        database =>
        {
            using var row = database.PrepareOnce("SELECT r.body FROM job j JOIN receipt r ON r.seq = j.seq WHERE j.id = ?1" + OfTenant);
            return row.Bind(1, job.Value).Bind(2, ns?.Value).Step() ? row.Blob(0) : null;
        },
        ct);

    /// <summary>A namespace's jobs, the newest first.</summary>
    /// <param name="ns">Whose.</param>
    /// <param name="after">The last job of the page before; null for the first page.</param>
    /// <param name="limit">How many, 1 to <see cref="LedgerLimits.JobRowsMax"/>.</param>
    /// <param name="ct">Observed until the read is queued.</param>
    /// <returns>The page; null where the namespace has no job <paramref name="after"/>.</returns>
    public Task<IReadOnlyList<JobRecord>?> ListAsync(NamespaceId ns, JobId? after, int limit, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, LedgerLimits.JobRowsMax);
        return _writer.ReadAsync<IReadOnlyList<JobRecord>?>(database => List(database, ns, after, limit), ct);
    }

    /// <summary>How far the log of transfers goes; see <see cref="ListEndedAsync"/>.</summary>
    /// <param name="ct">Observed until the read is queued.</param>
    public Task<long> PlaceAsync(CancellationToken ct = default) => _writer.ReadAsync(Last, ct);

    /// <summary>The jobs of some namespaces whose end stands in the log of transfers behind a place, in the order of their ends: whoever
    /// keeps the place misses none, whatever crashes between.</summary>
    /// <param name="place">Of <see cref="PlaceAsync"/>, or of the page before; 0 for the beginning.</param>
    /// <param name="of">The namespaces.</param>
    /// <param name="ct">Observed until the read is queued.</param>
    /// <returns>The jobs among at most <see cref="LedgerLimits.LogRowsMax"/> transfers.</returns>
    public Task<EndedJobs> ListEndedAsync(long place, IReadOnlySet<NamespaceId> of, CancellationToken ct = default) =>
        _writer.ReadAsync(database => Ended(database, place, of), ct);

    private static EndedJobs Ended(Database database, long place, IReadOnlySet<NamespaceId> of)
    {
        var last = Last(database);
        var until = Math.Min(last, place + LedgerLimits.LogRowsMax);
        // In this order: the log is read as it lies, and its jobs are looked up.
        using var rows = database.PrepareOnce(Columns + """
            FROM transfer s CROSS JOIN job j ON j.seq = s.hold_seq JOIN transfer h ON h.seq = j.seq LEFT JOIN receipt r ON r.seq = j.seq
            WHERE s.seq > ?1 AND s.seq <= ?2 AND s.kind IN (3, 4, 5) ORDER BY s.seq
            """);
        rows.Bind(1, place).Bind(2, until);
        List<JobRecord> jobs = [];
        while (rows.Step())
        {
            if (of.Contains(new NamespaceId(rows.Text(2))))
                jobs.Add(Record(rows));
        }

        return new EndedJobs(jobs, Math.Max(place, until), until >= last);
    }

    private static long Last(Database database) => database.Scalar("SELECT coalesce(max(seq), 0) FROM transfer");

    private static List<JobRecord>? List(Database database, NamespaceId ns, JobId? after, int limit)
    {
        var before = long.MaxValue;
        if (after is { } last)
        {
            using var place = database.PrepareOnce("SELECT seq FROM job WHERE id = ? AND namespace_id = ?");
            if (!place.Bind(1, last.Value).Bind(2, ns.Value).Step())
                return null;
            before = place.Int64(0);
        }

        using var rows = database.PrepareOnce(Query + "WHERE j.namespace_id = ?1 AND j.seq < ?2 ORDER BY j.seq DESC LIMIT ?3");
        rows.Bind(1, ns.Value).Bind(2, before).Bind(3, limit);
        var page = new List<JobRecord>(limit);
        while (rows.Step())
            page.Add(Record(rows));
        return page;
    }

    private static JobRecord? Read(Database database, string sql, string id, NamespaceId? ns)
    {
        using var row = database.PrepareOnce(sql);
        return row.Bind(1, id).Bind(2, ns?.Value).Step() ? Record(row) : null;
    }

    private static JobRecord Record(Statement row) =>
        new()
        {
            Job = new(row.Text(0)),
            Request = new(row.Text(1)),
            Namespace = new(row.Text(2)),
            Key = new(row.Text(3)),
            Model = row.Text(4),
            Endpoint = row.Text(5),
            Status = (JobStatus)row.Int64(6),
            Hold = new(row.Text(7)),
            HoldAmount = new(row.Int64(8)),
            PriceVersion = row.Int64(9),
            Settlement = row.NullableText(10) is { } settlement ? new TransferId(settlement) : null,
            Charge = new(row.Int64(11)),
            Node = row.NullableText(12) is { } node ? new NodeId(node) : null,
            Finish = row.NullableText(13),
            Error = row.NullableText(14),
            PromptTokens = (int)row.Int64(15),
            CachedTokens = (int)row.Int64(16),
            CompletionTokens = (int)row.Int64(17),
            Created = Timestamps.From(row.Int64(18)),
            Finished = Timestamps.From(row.NullableInt64(19)),
            HasReceipt = row.Int64(20) != 0,
        };
}
