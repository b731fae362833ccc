using Dapper;
using Flotilla.Core;
using Flotilla.Gateway.State;
using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.Webhooks;

/// <summary>Webhooks on disk, and how far the ledger's log was read for them.</summary>
internal sealed class WebhookTable(StateStore state)
{
    private const string Columns = "id, namespace_id, url, secret, events, models, hears_jobs, credit_threshold, is_low, dropped, created_ms";

    /// <summary>Takes a webhook in, unless its namespace has as many as it may.</summary>
    /// <param name="row">The webhook.</param>
    /// <param name="place">How far the ledger's log goes: the first webhook that hears of jobs hears of those that end behind it.</param>
    public Task<bool> TryAddAsync(WebhookRow row, long place) => state.WriteAsync(db =>
    {
        if (db.ExecuteScalar<long>("SELECT count(*) FROM webhook WHERE namespace_id = @NamespaceId AND is_deleted = 0", row) >= WebhookLimits.PerNamespaceMax)
            return false;
        db.Execute("UPDATE webhook_place SET place = @place WHERE NOT EXISTS (SELECT 1 FROM webhook WHERE hears_jobs = 1 AND is_deleted = 0)", new { place });
        db.Execute($"INSERT INTO webhook ({Columns}) VALUES (@Id, @NamespaceId, @Url, @Secret, @Events, @Models, @HearsJobs, @CreditThreshold, @IsLow, @Dropped, @CreatedMs)", row);
        return true;
    });

    /// <summary>Every webhook, whoever's.</summary>
    public IReadOnlyList<WebhookRow> All() => state.Read(db => db.Query<WebhookRow>($"SELECT {Columns} FROM webhook WHERE is_deleted = 0").AsList());

    /// <summary>One webhook of the namespace, or null.</summary>
    public WebhookRow? Find(NamespaceId owner, string id) => state.Read(db => db.QuerySingleOrDefault<WebhookRow>(
        $"SELECT {Columns} FROM webhook WHERE id = @id AND namespace_id = @owner AND is_deleted = 0", new { id, owner = owner.Value }));

    /// <summary>A page of the namespace's webhooks, the newest first.</summary>
    public IReadOnlyList<WebhookRow> List(NamespaceId owner, string? after, int limit) => state.Read(db => db.Query<WebhookRow>(
        $"SELECT {Columns} FROM webhook WHERE namespace_id = @owner AND is_deleted = 0 AND (@after IS NULL OR id < @after) ORDER BY id DESC LIMIT @limit",
        new { owner = owner.Value, after, limit }).AsList());

    /// <summary>Marks a webhook as deleted; the sweep removes it and its deliveries.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DeleteAsync(NamespaceId owner, string id) => await state.WriteAsync(db => db.Execute(
        "UPDATE webhook SET is_deleted = 1, secret = x'' WHERE id = @id AND namespace_id = @owner AND is_deleted = 0", new { id, owner = owner.Value })) > 0;

    /// <summary>How far the ledger's log was read.</summary>
    public long Place() => state.Read(db => db.ExecuteScalar<long>("SELECT place FROM webhook_place"));

    /// <summary>Notes how far it was read, in the transaction that stores what was found.</summary>
    public static void SetPlace(SqliteConnection db, long place) => db.Execute("UPDATE webhook_place SET place = @place", new { place });

    /// <summary>Notes whether a webhook was told that the credits are low, in the transaction that tells it.</summary>
    public static void SetLow(SqliteConnection db, string id, bool isLow) => db.Execute("UPDATE webhook SET is_low = @isLow WHERE id = @id", new { id, isLow });
}
