using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>Usage of jobs that ended, by hour, namespace, key and model. Reads take their turn with the writer, between two batches.</summary>
public sealed class UsageBook
{
    // One statement for every combination: what is not grouped by becomes one and the same value.
    private const string Query = """
        SELECT CASE WHEN ?1 THEN hour / 24 END AS day, CASE WHEN ?2 THEN namespace_id END AS ns, CASE WHEN ?3 THEN key_id END AS key,
            CASE WHEN ?4 THEN model END AS name, sum(jobs), sum(prompt_tokens), sum(cached_tokens), sum(completion_tokens), sum(charge)
        FROM usage
        WHERE (?5 IS NULL OR namespace_id = ?5) AND (?6 IS NULL OR key_id = ?6) AND (?7 IS NULL OR model = ?7) AND hour >= ?8 AND hour < ?9
        GROUP BY day, ns, key, name ORDER BY day, ns, key, name LIMIT ?10
        """;

    private readonly LedgerWriter _writer;

    internal UsageBook(LedgerWriter writer) => _writer = writer;

    /// <summary>Adds up what the query asks for; at most <see cref="LedgerLimits.UsageRowsMax"/> rows, by day, namespace, key and model.</summary>
    public Task<IReadOnlyList<UsageRow>> SumAsync(UsageQuery query, CancellationToken ct = default) =>
        _writer.ReadAsync<IReadOnlyList<UsageRow>>(database => Sum(database, query), ct);

    private static List<UsageRow> Sum(Database database, UsageQuery query)
    {
        using var rows = database.PrepareOnce(Query);
        var by = query.GroupBy;
        rows.Bind(1, by.HasFlag(UsageGrouping.Day) ? 1 : 0).Bind(2, by.HasFlag(UsageGrouping.Namespace) ? 1 : 0)
            .Bind(3, by.HasFlag(UsageGrouping.Key) ? 1 : 0).Bind(4, by.HasFlag(UsageGrouping.Model) ? 1 : 0)
            .Bind(5, query.Namespace?.Value).Bind(6, query.Key?.Value).Bind(7, query.Model)
            .Bind(8, query.From is { } from ? Hour(from) : long.MinValue).Bind(9, query.To is { } to ? Hour(to) : long.MaxValue)
            .Bind(10, LedgerLimits.UsageRowsMax);
        var answer = new List<UsageRow>();
        while (rows.Step())
        {
            answer.Add(new UsageRow
            {
                Day = rows.NullableInt64(0) is { } day ? DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays((int)day) : null,
                Namespace = rows.NullableText(1) is { } ns ? new NamespaceId(ns) : null,
                Key = rows.NullableText(2) is { } key ? new KeyId(key) : null,
                Model = rows.NullableText(3),
                Jobs = rows.Int64(4),
                PromptTokens = rows.Int64(5),
                CachedTokens = rows.Int64(6),
                CompletionTokens = rows.Int64(7),
                Charge = new(rows.Int64(8)),
            });
        }

        return answer;
    }

    private static long Hour(DateTimeOffset moment) => Timestamps.Of(moment) / JobTable.MicrosecondsPerHour;
}
