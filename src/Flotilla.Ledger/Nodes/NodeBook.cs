using System.Collections.Immutable;
using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>Who may join as a node, and whose node it is. Reads come from memory, as of the last durable change.</summary>
public sealed class NodeBook
{
    private const string TokenPrefix = "jt-flt-";
    private readonly LedgerWriter _writer;
    private readonly KeyBook _keys;
    private volatile ImmutableDictionary<string, NodeRecord> _all;

    internal NodeBook(LedgerWriter writer, KeyBook keys, ImmutableDictionary<string, NodeRecord> all)
    {
        _writer = writer;
        _keys = keys;
        _all = all;
    }

    /// <summary>Whether a text has the form and checksum of a join token.</summary>
    public static bool LooksLikeToken(string text) => SecretText.IsWellFormed(text, TokenPrefix);

    /// <summary>Makes a token with which one node can join this operator, once.</summary>
    /// <param name="operatorAccount">Who will earn what the node does.</param>
    /// <param name="lifetime">How long the token can be used, at most <see cref="LedgerLimits.JoinTokenLifetimeMax"/>.</param>
    /// <param name="ct">Observed until the change is queued.</param>
    /// <returns>The token, shown this once; only its SHA-256 is stored.</returns>
    /// <exception cref="KeyNotFoundException">There is no such account.</exception>
    public Task<string> CreateJoinTokenAsync(AccountId operatorAccount, TimeSpan lifetime, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, LedgerLimits.JoinTokenLifetimeMax);
        if (_keys.FindAccount(operatorAccount) is null)
            throw new KeyNotFoundException($"There is no account '{operatorAccount}'.");
        return _writer.RunAsync(
            state =>
            {
                var token = SecretText.New(TokenPrefix, state.Ids);
                var now = state.NowMicroseconds();
                using var insert = state.Database.PrepareOnce("INSERT INTO join_token (hash, account_id, created_us, expires_us) VALUES (?, ?, ?, ?)");
                insert.Bind(1, SecretText.Hash(token)).Bind(2, operatorAccount.Value).Bind(3, now).Bind(4, now + TransferBody.Microseconds(lifetime)).Run();
                return token;
            },
            committed: null,
            ct);
    }

    /// <summary>Uses up a token and binds the node's key to the token's operator. A repeat by the same key answers the same node.</summary>
    /// <param name="tokenSha256">SHA-256 of the token's text, 32 bytes.</param>
    /// <param name="nodePublicKey">Ed25519, 32 bytes, of which the node has proved that it holds the private half.</param>
    /// <param name="ct">Observed until the change is queued.</param>
    public Task<RedeemResult> RedeemAsync(byte[] tokenSha256, byte[] nodePublicKey, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tokenSha256.Length, 32);
        ArgumentOutOfRangeException.ThrowIfNotEqual(nodePublicKey.Length, Ed25519.KeyBytes);
        var key = nodePublicKey.ToArray();
        return _writer.RunAsync(state => JoinTokens.Redeem(state, tokenSha256, key), Publish, ct);
    }

    /// <summary>A node that joined, welcome or shut out; null for one that never did. Reads memory.</summary>
    public NodeRecord? Find(NodeId id) => _all.GetValueOrDefault(id.Value);

    /// <summary>All nodes that ever joined, oldest first.</summary>
    public IReadOnlyList<NodeRecord> List() => [.. _all.Values.OrderBy(node => node.Joined).ThenBy(node => node.Id.Value, StringComparer.Ordinal)];

    /// <summary>Shuts a node out for ever.</summary>
    /// <returns>False when there is no such node or it was shut out before.</returns>
    public async Task<bool> RevokeAsync(NodeId id, CancellationToken ct = default)
    {
        var revoked = await _writer.RunAsync(
            state =>
            {
                var now = state.NowMicroseconds();
                using var update = state.Database.PrepareOnce("UPDATE node SET revoked_us = ? WHERE id = ? AND revoked_us IS NULL RETURNING id");
                var changed = update.Bind(1, now).Bind(2, id.Value).Step();
                update.Reset();
                return changed ? JoinTokens.FindNode(state.Database, id) : null;
            },
            node => Publish(new RedeemResult(RedeemStatus.NodeRevoked, node)),
            ct);
        return revoked is not null;
    }

    private void Publish(RedeemResult result)
    {
        if (result.Node is { } node)
            _all = _all.SetItem(node.Id.Value, node);
    }
}
