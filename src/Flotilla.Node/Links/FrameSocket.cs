using System.Buffers;
using System.Net.WebSockets;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Node.Links;

/// <summary>Whole frames over a WebSocket. One reader and one writer at a time.</summary>
internal sealed class FrameSocket(WebSocket socket) : IDisposable
{
    private const int FirstBufferBytes = 16 * 1024;

    private readonly ArrayBufferWriter<byte> _output = new(FirstBufferBytes);
    private byte[] _input = new byte[FirstBufferBytes];

    /// <summary>What the other end gave as its reason to close; ours to print, so of printable ASCII alone.</summary>
    public string CloseReason
    {
        get
        {
            var reason = new string([.. (socket.CloseStatusDescription ?? "").Where(c => c is >= ' ' and <= '~')]);
            return $"status {(int?)socket.CloseStatus ?? 0}{(reason.Length > 0 ? $", '{reason}'" : "")}";
        }
    }

    /// <summary>Waits for the next frame.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async ValueTask<FrameRead> ReadAsync(CancellationToken ct)
    {
        var length = 0;
        for (var emptyFragments = 0; ;)
        {
            if (length == _input.Length && !Grow())
                return new FrameRead(WebSocketCloseStatus.MessageTooBig, $"a message is longer than {LinkLimits.FrameBytesMax} bytes");
            var part = await socket.ReceiveAsync(_input.AsMemory(length), ct);
            if (part.MessageType == WebSocketMessageType.Close)
                return FrameRead.End;
            if (part.MessageType != WebSocketMessageType.Binary)
                return new FrameRead(WebSocketCloseStatus.InvalidMessageType, "a message is text; frames are binary");
            length += part.Count;
            if (length > LinkLimits.FrameBytesMax)
                return new FrameRead(WebSocketCloseStatus.MessageTooBig, $"a message is longer than {LinkLimits.FrameBytesMax} bytes");
            if (part.EndOfMessage)
                return Parse(length);
            if (part.Count == 0 && ++emptyFragments > LinkLimits.EmptyFragmentsMax)
                return new FrameRead(WebSocketCloseStatus.PolicyViolation, $"a message has more than {LinkLimits.EmptyFragmentsMax} fragments without a byte");
        }
    }

    /// <summary>Sends a frame.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public ValueTask WriteAsync(IMessage frame, CancellationToken ct)
    {
        _output.ResetWrittenCount();
        LinkCodec.Write(frame, _output);
        return _output.WrittenCount <= LinkLimits.FrameBytesMax
            ? socket.SendAsync(_output.WrittenMemory, WebSocketMessageType.Binary, endOfMessage: true, ct)
            : throw new InvalidOperationException($"A frame of {_output.WrittenCount} bytes was about to be sent; the limit is {LinkLimits.FrameBytesMax}.");
    }

    /// <summary>Says goodbye, as far as the other end lets us; nothing may be sent after it.</summary>
    public async Task CloseAsync(WebSocketCloseStatus status, string reason, CancellationToken ct)
    {
        // A close frame holds 125 bytes, two of them the status.
        const int ReasonCharsMax = 120;
        try
        {
            await socket.CloseOutputAsync(status, reason.Length <= ReasonCharsMax ? reason : reason[..ReasonCharsMax], ct);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // The peer is gone, which is what a goodbye asks for; the caller drops the socket next.
        }
    }

    /// <summary>
    /// Says goodbye to a peer that broke the protocol, and throws away what it still sends until it says the same: a socket
    /// that is dropped with bytes unread takes our goodbye along.
    /// </summary>
    public async Task CloseAfterAsync(WebSocketCloseStatus status, string violation, TimeProvider time, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(NodeLimits.CloseTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        await CloseAsync(status, violation, both.Token);
        try
        {
            while ((await socket.ReceiveAsync(_input.AsMemory(), both.Token)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It did not say goodbye; the caller drops the socket next.
        }
    }

    /// <summary>Drops the connection.</summary>
    public void Dispose()
    {
        socket.Abort();
        socket.Dispose();
    }

    private FrameRead Parse(int length) =>
        LinkCodec.TryRead(GatewayFrame.Parser, _input.AsSpan(0, length), out var frame) && frame.BodyCase != GatewayFrame.BodyOneofCase.None
            ? new FrameRead(frame)
            : new FrameRead(WebSocketCloseStatus.ProtocolError, $"a message of {length} bytes is no gateway frame");

    private bool Grow()
    {
        // One byte more than a frame may have, so that one that is too long shows.
        const int Max = LinkLimits.FrameBytesMax + 1;
        if (_input.Length >= Max)
            return false;
        Array.Resize(ref _input, Math.Min(_input.Length * 2, Max));
        return true;
    }
}
