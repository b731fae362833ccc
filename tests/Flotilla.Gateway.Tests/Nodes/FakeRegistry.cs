using System.Collections.Concurrent;
using Flotilla.Core;
using Flotilla.Gateway.Nodes;

namespace Flotilla.Gateway.Tests.Nodes;

/// <summary>A registry in memory: every key is known, unless a test says otherwise.</summary>
internal sealed class FakeRegistry : INodeRegistry
{
    private readonly ConcurrentDictionary<NodeId, bool> _revoked = new();

    public static AccountId Operator { get; } = new("acct_operator");

    /// <summary>What strangers are told; a token named here lets them in.</summary>
    public NodeStanding Strangers { get; set; } = NodeStanding.Welcome;

    public string? Token { get; set; }

    public void Revoke(NodeId id) => _revoked[id] = true;

    public ValueTask<NodeEntry> EnterAsync(byte[] publicKey, string joinToken)
    {
        if (!IsWelcome(NodeId.Of(publicKey)))
            return new(new NodeEntry(NodeStanding.Revoked));
        if (Strangers == NodeStanding.Welcome || (Token is not null && joinToken == Token))
            return new(new NodeEntry(NodeStanding.Welcome, Operator));
        return new(new NodeEntry(joinToken.Length == 0 ? NodeStanding.Unknown : NodeStanding.TokenRefused));
    }

    public bool IsWelcome(NodeId id) => !_revoked.ContainsKey(id);
}
