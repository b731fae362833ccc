using Flotilla.Core;

namespace Flotilla.Gateway.Nodes;

/// <summary>Who is at the other end, as the handshake proved it.</summary>
/// <param name="Id">From the key.</param>
/// <param name="PublicKey">32 bytes, Ed25519.</param>
/// <param name="Operator">Who earns.</param>
/// <param name="Name">The node's own name, checked; its id where it gave none.</param>
/// <param name="Software">What it says that it runs, checked.</param>
/// <param name="RemoteAddress">Where it dialled from.</param>
internal sealed record NodePeer(NodeId Id, byte[] PublicKey, AccountId Operator, string Name, string Software, string RemoteAddress);
