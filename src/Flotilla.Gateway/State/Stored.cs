using Dapper;
using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.State;

/// <summary>How much a namespace keeps here; the tables' own triggers count it.</summary>
internal static class Stored
{
    /// <summary>Deferred requests with their answers.</summary>
    public const string Requests = "request";

    /// <summary>Files, of clients and of batches.</summary>
    public const string Files = "file";

    /// <summary>Answers kept for repeats, and the keys under which they are.</summary>
    public const string Answers = "answer";

    /// <summary>Deliveries to webhooks that wait; they have no bytes here.</summary>
    public const string Deliveries = "delivery";

    /// <summary>Items and bytes of one kind.</summary>
    public static (long Items, long Bytes) Of(SqliteConnection database, string owner, string kind) =>
        database.QuerySingleOrDefault<(long, long)>("SELECT items, bytes FROM stored WHERE namespace_id = @owner AND kind = @kind", new { owner, kind });
}
