using System.Buffers;
using System.Net.WebSockets;
using Flotilla.Core;
using Flotilla.Protocol.Link;
using Google.Protobuf;
using Reason = Flotilla.Protocol.Link.Refused.Types.Reason;

namespace Flotilla.Gateway.Nodes;

/// <summary>The gateway's half of the handshake: challenge, check, and the word of the registry.</summary>
/// <remarks>Checks that cost nothing come before the signature, and the signature before the registry, so that a stranger moves neither curve arithmetic nor disks for free.</remarks>
internal sealed class NodeHandshake(INodeRegistry registry, GatewayNames names, IIdSource ids)
{
    /// <summary>A challenge with a new nonce.</summary>
    public Challenge Challenge()
    {
        var nonce = new byte[LinkLimits.NonceBytes];
        ids.Fill(nonce);
        return new Challenge { GatewayNonce = UnsafeByteOperations.UnsafeWrap(nonce), Versions = { LinkLimits.Version } };
    }

    /// <summary>Sends the challenge and judges the answer.</summary>
    public async Task<HandshakeEnd> RunAsync(WebSocket socket, Challenge challenge, DialledFrom from, CancellationToken ct)
    {
        using var reader = new LinkReader(socket);
        try
        {
            await SendAsync(socket, new GatewayFrame { Challenge = challenge }, ct);
        }
        catch (Exception broken) when (LinkReader.IsDisconnect(broken))
        {
            return HandshakeEnd.Gone;
        }

        var read = await reader.ReadAsync(NodeLimits.HelloBytesMax, ct);
        switch (read.Kind)
        {
            case LinkReadKind.Closed or LinkReadKind.Gone:
                return HandshakeEnd.Gone;
            case LinkReadKind.Frame when LinkCodec.TryRead(NodeFrame.Parser, read.Bytes.Span, out var frame)
                && frame is { SessionEpoch: 0, BodyCase: NodeFrame.BodyOneofCase.Hello }:
                return Refuse(challenge, frame.Hello, from) ?? await EnterAsync(frame.Hello, from);
            default:
                return HandshakeEnd.Refuse(Reason.Protocol, $"the first message must be a Hello of at most {NodeLimits.HelloBytesMax} bytes");
        }
    }

    /// <summary>Sends one frame.</summary>
    public static async Task SendAsync(WebSocket socket, GatewayFrame frame, CancellationToken ct)
    {
        var bytes = new ArrayBufferWriter<byte>();
        LinkCodec.Write(frame, bytes);
        await socket.SendAsync(bytes.WrittenMemory, WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, ct);
    }

    private HandshakeEnd? Refuse(Challenge challenge, Hello hello, DialledFrom from)
    {
        if (hello.OfferedVersions.Count > NodeLimits.VersionsMax || hello.JoinToken.Length > LinkLimits.JoinTokenCharsMax)
            return HandshakeEnd.Refuse(Reason.Protocol, $"a Hello has at most {NodeLimits.VersionsMax} versions and a join token of {LinkLimits.JoinTokenCharsMax} characters");
        if (!NodeText.IsLabel(hello.Name, LinkLimits.NodeNameCharsMax))
            return HandshakeEnd.Refuse(Reason.Protocol, $"a node's name has at most {LinkLimits.NodeNameCharsMax} letters, digits, blanks and marks of ._:/@+-'()");
        if (hello.Software.Length > 0 && !LinkNames.IsName(hello.Software))
            return HandshakeEnd.Refuse(Reason.Protocol, $"software is 1 to {LinkLimits.NameCharsMax} characters of [A-Za-z0-9._:/@+-]");
        if (hello.ChosenVersion != LinkLimits.Version || !hello.OfferedVersions.Contains(hello.ChosenVersion))
            return HandshakeEnd.Refuse(Reason.Version, $"this gateway speaks version {LinkLimits.Version}; the node must offer and choose it");
        if (names.Refuse(hello.Origin, from.Host, from.LocalAddress, from.LocalPort) is { } wrongOrigin)
            return HandshakeEnd.Refuse(Reason.Origin, wrongOrigin);
        return Handshake.VerifyNode(challenge, hello)
            ? null
            : HandshakeEnd.Refuse(Reason.Signature, "the signature is not this key's over this connection's handshake");
    }

    private async Task<HandshakeEnd> EnterAsync(Hello hello, DialledFrom from)
    {
        var publicKey = hello.PublicKey.ToByteArray();
        var entry = await registry.EnterAsync(publicKey, hello.JoinToken);
        var id = NodeId.Of(publicKey);
        return entry.Standing switch
        {
            NodeStanding.Welcome => new HandshakeEnd(
                new NodePeer(id, publicKey, entry.Operator, hello.Name.Length > 0 ? hello.Name : id.Value, hello.Software, from.RemoteAddress.ToString()), hello, null),
            NodeStanding.Unknown => HandshakeEnd.Refuse(Reason.UnknownNode, $"{id} has not joined; start it once with a join token"),
            NodeStanding.TokenRefused => HandshakeEnd.Refuse(Reason.JoinToken, "the join token is unknown, used or expired; make a new one"),
            NodeStanding.Unavailable => HandshakeEnd.Refuse(Reason.Overloaded, "the gateway's disk is full, so it can bind no new node now"),
            _ => HandshakeEnd.Refuse(Reason.Revoked, $"{id} was revoked"),
        };
    }
}
