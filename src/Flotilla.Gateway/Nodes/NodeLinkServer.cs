using System.Net;
using System.Net.WebSockets;
using Flotilla.Core;
using Flotilla.Protocol.Link;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Nodes;

/// <summary>Takes the connections of nodes: upgrade, handshake, session.</summary>
internal sealed class NodeLinkServer(NodeLinkServices services, NodeHandshake handshake, NodeLinkOptions options, SigningKey key)
{
    private readonly Doorway _doorway = new(options);

    /// <summary>Serves one connection to its end.</summary>
    public async Task ServeAsync(HttpContext http)
    {
        if (!http.WebSockets.IsWebSocketRequest || !http.WebSockets.WebSocketRequestedProtocols.Contains(LinkLimits.Subprotocol))
        {
            await AnswerAsync(http, StatusCodes.Status426UpgradeRequired, $"Nodes connect here by WebSocket with the subprotocol {LinkLimits.Subprotocol}.");
            return;
        }

        var connection = http.Connection;
        var from = new DialledFrom(http.Request.Host.Value ?? string.Empty, connection.LocalIpAddress, connection.LocalPort, connection.RemoteIpAddress ?? IPAddress.None);
        if (services.Directory.IsDraining || !_doorway.TryEnter(from.RemoteAddress))
        {
            http.Response.Headers.RetryAfter = "5";
            await AnswerAsync(http, StatusCodes.Status503ServiceUnavailable, "This gateway takes no new node now.");
            return;
        }

        var isAtDoor = true;
        try
        {
            // Without compression: it would mix secrets and chosen text into one length, and a small frame could be a bomb.
            var upgrade = new WebSocketAcceptContext
            {
                SubProtocol = LinkLimits.Subprotocol,
                DangerousEnableCompression = false,
                KeepAliveInterval = LinkLimits.PingInterval,
                KeepAliveTimeout = LinkLimits.PingTimeout,
            };
            using var socket = await http.WebSockets.AcceptWebSocketAsync(upgrade);
            using var session = await ShakeHandsAsync(socket, from, http.RequestAborted);
            _doorway.Leave(from.RemoteAddress);
            isAtDoor = false;
            if (session is not null)
                await session.RunAsync();
        }
        finally
        {
            if (isAtDoor)
                _doorway.Leave(from.RemoteAddress);
        }
    }

    private async Task<NodeSession?> ShakeHandsAsync(WebSocket socket, DialledFrom from, CancellationToken aborted)
    {
        using var limit = new CancellationTokenSource(LinkLimits.HandshakeTimeout, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, aborted);
        var challenge = handshake.Challenge();
        var end = await handshake.RunAsync(socket, challenge, from, either.Token);
        if (end.Peer is not null)
            return Welcome(socket, challenge, end.Hello!, end.Peer);
        if (end.Refused is null)
            return null;
        NodeLog.Refused(services.Log, from.RemoteAddress.ToString(), end.Refused.Reason.ToString(), end.Refused.Message);
        try
        {
            await NodeHandshake.SendAsync(socket, new GatewayFrame { Refused = end.Refused }, either.Token);
            await socket.CloseAsync(WebSocketCloseStatus.PolicyViolation, end.Refused.Reason.ToString(), either.Token);
        }
        catch (Exception broken) when (LinkReader.IsDisconnect(broken))
        {
            // It did not wait for the reason.
        }

        return null;
    }

    private NodeSession Welcome(WebSocket socket, Challenge challenge, Hello hello, NodePeer peer)
    {
        var session = new NodeSession(socket, peer, services.Directory.NextEpoch(), services);
        var transcript = Handshake.GatewayTranscript(challenge, hello, session.Epoch);
        session.Send(new GatewayFrame
        {
            Welcome = new Welcome
            {
                SessionEpoch = session.Epoch,
                HeartbeatMs = (uint)LinkLimits.Heartbeat.TotalMilliseconds,
                FrameBytesMax = LinkLimits.FrameBytesMax,
                GatewayPublicKey = ByteString.CopyFrom(key.PublicKey),
                Signature = UnsafeByteOperations.UnsafeWrap(key.Sign(transcript)),
            },
        });
        NodeLog.Connected(services.Log, peer.Id, peer.Name, peer.Operator, peer.RemoteAddress, session.Epoch, peer.Software);
        if (services.Directory.Enter(session) is { } fenced)
            NodeLog.Fenced(services.Log, peer.Id, peer.RemoteAddress, fenced.Epoch);
        return session;
    }

    private static Task AnswerAsync(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain";
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}
