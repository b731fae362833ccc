using System.Security.Cryptography;
using System.Text;
using Flotilla.Core;

namespace Flotilla.Gateway.Nodes;

/// <summary>
/// Salts under which a node may share the beginnings of prompts between jobs: one for each namespace at each node, so that nobody learns
/// by timing what others have sent, and nodes cannot put together who is whose customer. New with every start of the gateway.
/// </summary>
internal sealed class PrefixSalts
{
    private readonly byte[] _secret = new byte[32];

    public PrefixSalts(IIdSource ids) => ids.Fill(_secret);

    /// <summary>32 bytes.</summary>
    public byte[] For(NodeId node, NamespaceId asking) => HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes($"{node.Value} {asking.Value}"));
}
