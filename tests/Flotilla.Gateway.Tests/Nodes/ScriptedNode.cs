using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Flotilla.Core;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Gateway.Tests.Nodes;

/// <summary>A node that does what a test says, down to the bytes on the wire.</summary>
internal sealed partial class ScriptedNode : IAsyncDisposable
{
    private readonly TcpClient _tcp;
    private readonly SigningKey _key;
    private readonly byte[] _buffer = new byte[LinkLimits.FrameBytesMax];

    private ScriptedNode(TcpClient tcp, WebSocket socket, SigningKey key)
    {
        _tcp = tcp;
        _key = key;
        Socket = socket;
    }

    /// <summary>What a test may change about a handshake.</summary>
    internal sealed record Hand
    {
        public byte Key { get; init; } = 1;

        public string? Host { get; init; }

        public string? Protocol { get; init; } = LinkLimits.Subprotocol;

        public Action<Challenge, Hello>? BeforeSigning { get; init; }

        public Action<Challenge, Hello>? AfterSigning { get; init; }
    }

    /// <summary>Real time after which a frame will not come any more: a gateway that forgets to refuse fails its test and does not hang it.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    public WebSocket Socket { get; }

    public NodeId Id => NodeId.Of(_key.PublicKey);

    public ulong Epoch { get; private set; }

    public Welcome? Welcome { get; private set; }

    public Challenge? Challenge { get; private set; }

    public Hello? Hello { get; private set; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static SigningKey KeyOf(byte number) => SigningKey.FromSeed(Enumerable.Repeat(number, 32).ToArray());

    /// <summary>Connects and shakes hands; the Welcome is checked.</summary>
    public static async Task<ScriptedNode> ConnectAsync(IPEndPoint gateway, Hand hand)
    {
        var node = await DialAsync(gateway, hand);
        await node.SayHelloAsync(gateway, hand);
        node.Welcome = (await node.ReadAsync(GatewayFrame.BodyOneofCase.Welcome)).Welcome;
        Assert.True(Handshake.VerifyGateway(node.Challenge!, node.Hello!, node.Welcome));
        node.Epoch = node.Welcome.SessionEpoch;
        return node;
    }

    /// <summary>Opens the WebSocket and says nothing.</summary>
    public static async Task<ScriptedNode> DialAsync(IPEndPoint gateway, Hand hand)
    {
        var (tcp, status) = await RequestAsync(gateway, hand);
        Assert.Equal("HTTP/1.1 101 Switching Protocols", status);
        return new ScriptedNode(tcp, WebSocket.CreateFromStream(tcp.GetStream(), new WebSocketCreationOptions { SubProtocol = hand.Protocol }), KeyOf(hand.Key));
    }

    /// <summary>Sends the HTTP request and reads the answer's head.</summary>
    public static async Task<(TcpClient Tcp, string Status)> RequestAsync(IPEndPoint gateway, Hand hand)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(gateway, Ct);
        var request = $"GET {LinkLimits.Path} HTTP/1.1\r\nHost: {hand.Host ?? gateway.ToString()}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
            + (hand.Protocol is null ? string.Empty : $"Sec-WebSocket-Protocol: {hand.Protocol}\r\n") + "\r\n";
        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Ct);
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await tcp.GetStream().ReadAsync(one, Ct) == 1)
            head.Append((char)one[0]);
        Assert.DoesNotContain("permessage-deflate", head.ToString(), StringComparison.OrdinalIgnoreCase);
        return (tcp, head.ToString().Split("\r\n")[0]);
    }

    /// <summary>Reads the challenge and answers it.</summary>
    public async Task SayHelloAsync(IPEndPoint gateway, Hand hand)
    {
        Challenge = (await ReadAsync(GatewayFrame.BodyOneofCase.Challenge)).Challenge;
        Hello = new Hello
        {
            PublicKey = ByteString.CopyFrom(_key.PublicKey),
            NodeNonce = ByteString.CopyFrom(new byte[LinkLimits.NonceBytes]),
            Origin = hand.Host ?? gateway.ToString(),
            OfferedVersions = { LinkLimits.Version },
            ChosenVersion = LinkLimits.Version,
            Name = $"node {hand.Key}",
            Software = "scripted/1",
        };
        hand.BeforeSigning?.Invoke(Challenge, Hello);
        Hello.Signature = ByteString.CopyFrom(_key.Sign(Handshake.NodeTranscript(Challenge, Hello)));
        hand.AfterSigning?.Invoke(Challenge, Hello);
        await SendAsync(new NodeFrame { Hello = Hello });
    }

    /// <summary>Sends a frame in this session.</summary>
    public Task SendAsync(NodeFrame frame)
    {
        frame.SessionEpoch = Epoch;
        return SendRawAsync(frame.ToByteArray());
    }

    /// <summary>Sends a message of any kind.</summary>
    public async Task SendRawAsync(byte[] bytes, WebSocketMessageType type = WebSocketMessageType.Binary, bool isWhole = true) =>
        await Socket.SendAsync(bytes, type, isWhole, Ct);

    /// <summary>Sends bytes past the WebSocket.</summary>
    public async Task SendWireAsync(byte[] bytes) => await _tcp.GetStream().WriteAsync(bytes, Ct);

    /// <summary>The next frame; null when the gateway closed.</summary>
    public async Task<GatewayFrame?> ReadAsync()
    {
        var length = 0;
        while (true)
        {
            var part = await Socket.ReceiveAsync(_buffer.AsMemory(length), Ct).AsTask().WaitAsync(Patience, Ct);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            length += part.Count;
            if (part.EndOfMessage)
                return GatewayFrame.Parser.ParseFrom(_buffer.AsSpan(0, length));
        }
    }

    /// <summary>The next frame, which must be of this kind.</summary>
    public async Task<GatewayFrame> ReadAsync(GatewayFrame.BodyOneofCase kind)
    {
        var frame = await ReadAsync();
        Assert.NotNull(frame);
        Assert.Equal(kind, frame.BodyCase);
        return frame;
    }

    /// <summary>Reads up to the refusal, which must have this reason, and the close after it; then closes too.</summary>
    public async Task<Refused> RefusedAsync(Refused.Types.Reason reason, WebSocketCloseStatus status)
    {
        GatewayFrame? frame;
        do
        {
            frame = await ReadAsync();
            Assert.NotNull(frame);
        }
        while (frame.BodyCase != GatewayFrame.BodyOneofCase.Refused);
        Assert.Equal((reason, frame.Refused.Message), (frame.Refused.Reason, frame.Refused.Message));
        await ClosedAsync(status);
        return frame.Refused;
    }

    /// <summary>The gateway closes with this status.</summary>
    public async Task ClosedAsync(WebSocketCloseStatus status)
    {
        while (await ReadAsync() is not null)
        {
            // Frames that were on the way.
        }

        Assert.Equal(status, Socket.CloseStatus);
        await Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Ct);
    }

    /// <summary>Ends the connection as a crash would.</summary>
    public void Kill()
    {
        _tcp.Client.LingerState = new LingerOption(true, 0);
        _tcp.Close();
    }

    public ValueTask DisposeAsync()
    {
        Socket.Dispose();
        _tcp.Dispose();
        return ValueTask.CompletedTask;
    }
}
