using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Nodes;

/// <summary>How a handshake ended: with a peer, with a refusal, or, where both are null, with a connection that is gone.</summary>
/// <param name="Peer">The node, proved and welcome.</param>
/// <param name="Hello">What it said.</param>
/// <param name="Refused">Why not.</param>
internal sealed record HandshakeEnd(NodePeer? Peer, Hello? Hello, Refused? Refused)
{
    /// <summary>The connection is gone.</summary>
    public static HandshakeEnd Gone { get; } = new(null, null, null);

    /// <summary>The node is told why not.</summary>
    public static HandshakeEnd Refuse(Refused.Types.Reason reason, string message) =>
        new(null, null, new Refused { Reason = reason, Message = message });
}
