using Dapper;
using Flotilla.Core;
using Flotilla.Gateway.State;
using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.Webhooks;

/// <summary>Deliveries on disk: the queue of each webhook, and for a while what became of them.</summary>
internal sealed class DeliveryTable(StateStore state, IIdSource ids)
{
    private const string Prefix = "dlv_";
    private const string Columns = "id, event_id, type, body, status, attempts, http_status, fault, created_ms, next_ms, ended_ms";

    /// <summary>Queues an event for all its listeners, in the transaction that makes it true. Where a namespace's queue is full, it is dropped and counted.</summary>
    public void Insert(SqliteConnection db, WebhookEvent happened)
    {
        foreach (var listener in happened.Listeners)
        {
            if (Stored.Of(db, listener.Row.NamespaceId, Stored.Deliveries).Items >= WebhookLimits.WaitingMax)
            {
                db.Execute("UPDATE webhook SET dropped = dropped + 1 WHERE id = @Id", new { listener.Id });
                continue;
            }

            // It may have been deleted meanwhile.
            db.Execute(
                """
                INSERT INTO webhook_delivery (id, webhook_id, namespace_id, event_id, type, body, status, created_ms, next_ms)
                SELECT @id, id, namespace_id, @EventId, @Type, @Body, 1, @CreatedMs, @CreatedMs FROM webhook WHERE id = @Webhook AND is_deleted = 0
                """,
                new { id = ids.Next(Prefix), EventId = happened.Id, happened.Type, happened.Body, happened.CreatedMs, Webhook = listener.Id });
        }
    }

    /// <summary>Queues an event that no other change makes true.</summary>
    public async Task AddAsync(WebhookEvent happened)
    {
        await state.WriteAsync(db =>
        {
            Insert(db, happened);
            return true;
        });
        happened.Announce();
    }

    /// <summary>The next deliveries of a webhook, due or not, the most urgent first.</summary>
    public IReadOnlyList<DeliveryRow> Next(string webhook, int limit) => state.Read(db => db.Query<DeliveryRow>(
        $"SELECT {Columns} FROM webhook_delivery WHERE webhook_id = @webhook AND status = 1 ORDER BY next_ms LIMIT @limit", new { webhook, limit }).AsList());

    /// <summary>Stores what an attempt came to.</summary>
    public Task SaveAsync(DeliveryRow row) => state.WriteAsync(db => db.Execute(
        "UPDATE webhook_delivery SET status = @Status, body = @Body, attempts = @Attempts, http_status = @HttpStatus, fault = @Fault, next_ms = @NextMs, ended_ms = @EndedMs WHERE id = @Id",
        new { Status = (int)row.Status, row.Body, row.Attempts, row.HttpStatus, row.Fault, row.NextMs, row.EndedMs, row.Id }));

    /// <summary>A page of a webhook's deliveries, the newest first.</summary>
    public IReadOnlyList<DeliveryRow> List(string webhook, string? after, int limit) => state.Read(db => db.Query<DeliveryRow>(
        $"SELECT {Columns} FROM webhook_delivery WHERE webhook_id = @webhook AND (@after IS NULL OR id < @after) ORDER BY id DESC LIMIT @limit",
        new { webhook, after, limit }).AsList());

    /// <summary>Forgets a few deliveries that were shown for long enough, that are too many, or whose webhook is deleted; then that too.</summary>
    /// <param name="before">The end of what is old.</param>
    /// <returns>Whether there may be more.</returns>
    public async Task<bool> ForgetAsync(DateTimeOffset before)
    {
        var webhooks = state.Read(db => db.Query<(string Id, long IsDeleted)>("SELECT id, is_deleted FROM webhook").AsList());
        var more = await ForgetAsync(
            "SELECT id FROM webhook_delivery WHERE status <> 1 AND ended_ms < @before LIMIT @limit", new { before = before.ToUnixTimeMilliseconds(), limit = StateLimits.SweptAtOnceMax });
        foreach (var (id, deleted) in webhooks)
        {
            var isDeleted = deleted != 0;
            var kept = isDeleted ? 0 : WebhookLimits.ShownMax;
            more |= await ForgetAsync(
                "SELECT id FROM webhook_delivery WHERE webhook_id = @id AND (status <> 1 OR @isDeleted) ORDER BY id DESC LIMIT @limit OFFSET @kept",
                new { id, isDeleted, kept, limit = StateLimits.SweptAtOnceMax });
        }

        if (!more && webhooks.Exists(w => w.IsDeleted != 0))
            await state.WriteAsync(db => db.Execute("DELETE FROM webhook WHERE is_deleted = 1 AND NOT EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.webhook_id = webhook.id)"));
        return more;
    }

    private async Task<bool> ForgetAsync(string old, object parameters)
    {
        // Looked up by a reader, so that the writer is asked only where there is something to do.
        var found = state.Read(db => db.Query<string>(old, parameters).AsList());
        if (found.Count > 0)
            await state.WriteAsync(db => db.Execute("DELETE FROM webhook_delivery WHERE id IN @found", new { found }));
        return found.Count == StateLimits.SweptAtOnceMax;
    }
}
