using System.Collections.Immutable;
using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>What the node book does on the writer thread.</summary>
internal static class JoinTokens
{
    private const string NodeQuery = "SELECT id, account_id, public_key, joined_us, revoked_us FROM node";

    public static ImmutableDictionary<string, NodeRecord> Load(Database database)
    {
        var nodes = ImmutableDictionary.CreateBuilder<string, NodeRecord>(StringComparer.Ordinal);
        using var rows = database.PrepareOnce(NodeQuery);
        while (rows.Step())
            nodes.Add(rows.Text(0), Read(rows));
        return nodes.ToImmutable();
    }

    public static NodeRecord? FindNode(Database database, NodeId id)
    {
        using var row = database.PrepareOnce(NodeQuery + " WHERE id = ?");
        return row.Bind(1, id.Value).Step() ? Read(row) : null;
    }

    public static RedeemResult Redeem(WriterState state, byte[] hash, byte[] publicKey)
    {
        var id = NodeId.Of(publicKey);
        var node = FindNode(state.Database, id);
        using var token = state.Database.PrepareOnce("SELECT account_id, expires_us, node_id FROM join_token WHERE hash = ?");
        if (!token.Bind(1, hash).Step())
            return new RedeemResult(RedeemStatus.UnknownToken, null);
        var account = new AccountId(token.Text(0));
        var usedBy = token.NullableText(2);
        if (node is { IsRevoked: true })
            return new RedeemResult(RedeemStatus.NodeRevoked, null);
        if (usedBy is not null)
            return usedBy == id.Value ? new RedeemResult(RedeemStatus.AlreadyBoundToThisKey, node) : new RedeemResult(RedeemStatus.TokenUsed, null);
        if (state.NowMicroseconds() >= token.Int64(1))
            return new RedeemResult(RedeemStatus.TokenExpired, null);
        if (node is not null && node.Operator != account)
            return new RedeemResult(RedeemStatus.NodeBelongsToAnotherOperator, null);
        token.Reset();
        return new RedeemResult(RedeemStatus.Redeemed, Bind(state, hash, node, id, account, publicKey));
    }

    private static NodeRecord Bind(WriterState state, byte[] hash, NodeRecord? node, NodeId id, AccountId account, byte[] publicKey)
    {
        if (node is null)
        {
            node = new NodeRecord(id, account, publicKey, Timestamps.From(state.NowMicroseconds()), Revoked: null);
            using var insert = state.Database.PrepareOnce("INSERT INTO node (id, account_id, public_key, joined_us) VALUES (?, ?, ?, ?)");
            insert.Bind(1, id.Value).Bind(2, account.Value).Bind(3, publicKey).Bind(4, Timestamps.Of(node.Joined)).Run();
        }

        using var use = state.Database.PrepareOnce("UPDATE join_token SET node_id = ? WHERE hash = ? AND node_id IS NULL");
        use.Bind(1, id.Value).Bind(2, hash).Run();
        return node;
    }

    private static NodeRecord Read(Statement row) =>
        new(new(row.Text(0)), new(row.Text(1)), row.Blob(2), Timestamps.From(row.Int64(3)), Timestamps.From(row.NullableInt64(4)));
}
