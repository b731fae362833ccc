using System.Net.WebSockets;
using Flotilla.Core;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Node.Links;

/// <summary>The node's half of the handshake: Challenge, Hello, then Welcome or Refused.</summary>
internal sealed class NodeHandshake(NodeIdentity identity, GatewayPins pins, TimeProvider time, IIdSource ids)
{
    /// <summary>What the node calls itself; a gateway only shows it.</summary>
    private static readonly string Software = $"flotilla/{typeof(NodeHandshake).Assembly.GetName().Version?.ToString(3)}";

    /// <summary>Runs the handshake over a socket that was just opened.</summary>
    /// <returns>The gateway's Welcome, verified, or how it ended.</returns>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async Task<(Welcome? Welcome, LinkEnd? End)> RunAsync(FrameSocket socket, GatewayAddress gateway, CancellationToken ct)
    {
        var first = await socket.ReadAsync(ct);
        if (first.Frame is null or { BodyCase: not GatewayFrame.BodyOneofCase.Challenge })
            return (null, await UnexpectedAsync(socket, first, "a Challenge", ct));
        var challenge = first.Frame.Challenge;
        if (challenge.GatewayNonce.Length != LinkLimits.NonceBytes)
            return (null, await ViolationAsync(socket, $"its nonce has {challenge.GatewayNonce.Length} bytes instead of {LinkLimits.NonceBytes}", ct));
        if (!challenge.Versions.Contains(LinkLimits.Version))
            return (null, new LinkEnd(LinkEndKind.RefusedForGood, $"The gateway speaks link versions {string.Join(", ", challenge.Versions.Take(8))}, this node {LinkLimits.Version}: one of them needs an update."));

        var hello = Answer(challenge, gateway);
        await socket.WriteAsync(new NodeFrame { Hello = hello }, ct);
        var second = await socket.ReadAsync(ct);
        if (second.Frame is null or { BodyCase: not GatewayFrame.BodyOneofCase.Welcome })
            return (null, await UnexpectedAsync(socket, second, "a Welcome", ct));
        var welcome = second.Frame.Welcome;
        if (!Handshake.VerifyGateway(challenge, hello, welcome))
            return (null, await ViolationAsync(socket, "its signature is not that of the key it names", ct));
        return pins.Check(gateway.Origin, welcome.GatewayPublicKey.Span) is { } mismatch
            ? (null, new LinkEnd(LinkEndKind.RefusedForGood, mismatch))
            : (welcome, null);
    }

    /// <summary>What a refusal means for the next attempt.</summary>
    public static LinkEnd Refusal(Refused refused)
    {
        var words = new string([.. refused.Message.Take(LinkLimits.MessageCharsMax).Where(c => !char.IsControl(c))]);
        var (kind, meaning) = refused.Reason switch
        {
            Refused.Types.Reason.Version => (LinkEndKind.RefusedForGood, "no common link version; update the node or the gateway"),
            Refused.Types.Reason.Signature => (LinkEndKind.RefusedForGood, "the gateway does not accept this node's signature"),
            Refused.Types.Reason.Origin => (LinkEndKind.RefusedForGood, "the gateway does not know itself by the address that was dialled; use the one that it publishes"),
            Refused.Types.Reason.UnknownNode => (LinkEndKind.RefusedForGood, "this node's key belongs to no operator yet; give it a join token"),
            Refused.Types.Reason.JoinToken => (LinkEndKind.RefusedForGood, "the join token is unknown, used or expired; ask for a new one"),
            Refused.Types.Reason.Revoked => (LinkEndKind.RefusedForGood, "this node's key was revoked"),
            Refused.Types.Reason.Fenced => (LinkEndKind.RefusedForGood, "another process with this node's key took over; each node needs a data folder of its own"),
            Refused.Types.Reason.Overloaded => (LinkEndKind.RefusedForNow, "the gateway has no room now"),
            Refused.Types.Reason.Protocol => (LinkEndKind.RefusedForNow, "the gateway says that this node broke the protocol"),
            _ => (LinkEndKind.RefusedForNow, "the gateway gave no reason that this version knows"),
        };
        return new LinkEnd(kind, $"Refused ({refused.Reason}): {meaning}.{(words.Length > 0 ? $" The gateway: {words}" : "")}");
    }

    private Hello Answer(Challenge challenge, GatewayAddress gateway)
    {
        Span<byte> nonce = stackalloc byte[LinkLimits.NonceBytes];
        ids.Fill(nonce);
        var hello = new Hello
        {
            PublicKey = ByteString.CopyFrom(identity.Key.PublicKey),
            NodeNonce = ByteString.CopyFrom(nonce),
            Origin = gateway.Origin,
            OfferedVersions = { LinkLimits.Version },
            ChosenVersion = LinkLimits.Version,
            JoinToken = identity.JoinToken,
            Name = identity.Name,
            Software = Software,
        };
        hello.Signature = ByteString.CopyFrom(identity.Key.Sign(Handshake.NodeTranscript(challenge, hello)));
        return hello;
    }

    private async Task<LinkEnd> UnexpectedAsync(FrameSocket socket, FrameRead read, string expected, CancellationToken ct) => read switch
    {
        { Frame.BodyCase: GatewayFrame.BodyOneofCase.Refused } => Refusal(read.Frame.Refused),
        { Frame: { } frame } => await ViolationAsync(socket, $"it sent {frame.BodyCase} instead of {expected}", ct),
        { Violation: { } violation } => await ViolationAsync(socket, violation, ct, read.CloseWith),
        _ => new LinkEnd(LinkEndKind.Closed, $"The gateway closed the connection ({socket.CloseReason}) instead of sending {expected}."),
    };

    private async Task<LinkEnd> ViolationAsync(FrameSocket socket, string what, CancellationToken ct, WebSocketCloseStatus status = WebSocketCloseStatus.ProtocolError)
    {
        await socket.CloseAfterAsync(status, what, time, ct);
        return new LinkEnd(LinkEndKind.Violation, $"The gateway broke the protocol in the handshake: {what}.");
    }
}
