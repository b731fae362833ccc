using Flotilla.Core;

namespace Flotilla.Gateway.Nodes;

/// <summary>Which keys may connect, and who earns what they do.</summary>
internal interface INodeRegistry
{
    /// <summary>Says whether a key that was just proved may serve, and binds it to the token's operator where it is new.</summary>
    /// <param name="publicKey">32 bytes.</param>
    /// <param name="joinToken">The one-use token that the node brought; empty where it brought none.</param>
    ValueTask<NodeEntry> EnterAsync(byte[] publicKey, string joinToken);

    /// <summary>Whether the node is still welcome; asked twice a second for every session, so answered from memory.</summary>
    bool IsWelcome(NodeId id);
}
