using System.Buffers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using Flotilla.Core;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Node.Tests.Gateways;

/// <summary>The gateway's end of one link, in the hands of a test.</summary>
internal sealed class GatewaySocket(WebSocket socket)
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _input = new byte[LinkLimits.FrameBytesMax];

    public Task Released => _released.Task;

    public Hello Hello { get; private set; } = new();

    public Challenge Challenge { get; } = new() { GatewayNonce = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(LinkLimits.NonceBytes)), Versions = { LinkLimits.Version } };

    /// <summary>The close status that the node sent, once <see cref="ReadAsync"/> has returned null.</summary>
    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Challenge and Hello.</summary>
    public async Task<Hello> ChallengeAsync()
    {
        await SendAsync(new GatewayFrame { Challenge = Challenge });
        Hello = (await ReadAsync())!.Hello;
        return Hello;
    }

    /// <summary>The whole handshake, then the node's first Advertise.</summary>
    public async Task<Advertise> WelcomeAsync(SigningKey key, ulong epoch = 1, uint heartbeatMs = 60_000)
    {
        await ChallengeAsync();
        await SendAsync(Welcome(key, epoch, heartbeatMs));
        return (await ReadAsync())!.Advertise;
    }

    public GatewayFrame Welcome(SigningKey key, ulong epoch, uint heartbeatMs = 60_000) => new()
    {
        Welcome = new Welcome
        {
            SessionEpoch = epoch,
            HeartbeatMs = heartbeatMs,
            FrameBytesMax = LinkLimits.FrameBytesMax,
            GatewayPublicKey = ByteString.CopyFrom(key.PublicKey),
            Signature = ByteString.CopyFrom(key.Sign(Handshake.GatewayTranscript(Challenge, Hello, epoch))),
        },
    };

    public Task RefuseAsync(Refused.Types.Reason reason, string message = "") => SendAsync(new GatewayFrame { Refused = new Refused { Reason = reason, Message = message } });

    public Task SendAsync(GatewayFrame frame) => SendAsync(frame.ToByteArray());

    public Task SendAsync(ReadOnlyMemory<byte> bytes, WebSocketMessageType type = WebSocketMessageType.Binary, bool end = true) =>
        socket.SendAsync(bytes, type, end, Ct).AsTask();

    /// <summary>The node's next frame; null when it closed, which is answered.</summary>
    public async Task<NodeFrame?> ReadAsync()
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(_input.AsMemory(length), Ct);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await CloseAsync();
                // A client that has closed waits for the server to drop the connection.
                _released.TrySetResult();
                return null;
            }

            length += part.Count;
            if (part.EndOfMessage)
                return LinkCodec.TryRead(NodeFrame.Parser, new ReadOnlySequence<byte>(_input, 0, length), out var frame) ? frame : throw new InvalidDataException("no node frame");
        }
    }

    /// <summary>Reads until the node closed or dropped the connection.</summary>
    public async Task DrainAsync()
    {
        try
        {
            while (await ReadAsync() is not null)
            {
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException)
        {
        }
    }

    public async Task CloseAsync()
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "bye", Ct);
    }

    /// <summary>Drops the TCP connection.</summary>
    public void Drop()
    {
        socket.Abort();
        _released.TrySetResult();
    }
}
