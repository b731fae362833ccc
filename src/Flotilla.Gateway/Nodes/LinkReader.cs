using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Nodes;

/// <summary>Whole messages from a WebSocket. One buffer, as small as the traffic; a message past its limit is never gathered.</summary>
internal sealed class LinkReader(WebSocket socket) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(NodeLimits.ReceiveBytes);

    /// <summary>Reads one message of at most that many bytes. Never throws for what the other end does.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<LinkRead> ReadAsync(int bytesMax, CancellationToken ct)
    {
        Shrink();
        var length = 0;
        var reads = 0;
        var emptyReads = 0;
        while (true)
        {
            if (length == bytesMax)
                return new LinkRead(LinkReadKind.TooLong);
            if (length == _buffer.Length)
                Grow(length);
            ValueWebSocketReceiveResult part;
            try
            {
                var room = Math.Min(_buffer.Length, bytesMax) - length;
                part = await socket.ReceiveAsync(_buffer.AsMemory(length, room), ct);
            }
            catch (Exception broken) when (IsDisconnect(broken))
            {
                return new LinkRead(LinkReadKind.Gone);
            }

            if (part.MessageType == WebSocketMessageType.Close)
                return new LinkRead(LinkReadKind.Closed);
            if (part.MessageType == WebSocketMessageType.Text)
                return new LinkRead(LinkReadKind.Text);
            length += part.Count;
            if (part.EndOfMessage)
                return new LinkRead(LinkReadKind.Frame, _buffer.AsMemory(0, length));
            if (part.Count == 0)
                emptyReads++;
            if (++reads > NodeLimits.ReadsPerMessageMax || emptyReads > LinkLimits.EmptyFragmentsMax)
                return new LinkRead(LinkReadKind.Fragmented);
        }
    }

    /// <summary>Reads and forgets until the connection ends. Unread bytes would turn the close into a reset, and the node would never see why.</summary>
    public async Task DrainAsync(CancellationToken ct)
    {
        try
        {
            while ((await socket.ReceiveAsync(_buffer.AsMemory(), ct)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception broken) when (IsDisconnect(broken))
        {
            // The end that was waited for.
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    /// <summary>Whether an exception from a socket means that the connection is over, by either end.</summary>
    public static bool IsDisconnect(Exception exception) =>
        exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException;

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * _buffer.Length);
        _buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private void Shrink()
    {
        if (_buffer.Length <= 2 * NodeLimits.ReceiveBytes)
            return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = ArrayPool<byte>.Shared.Rent(NodeLimits.ReceiveBytes);
    }
}
