using System.Buffers;
using System.Net.WebSockets;
using System.Threading.Channels;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Nodes;

/// <summary>Frames on their way to one node. One task writes; nobody waits for it: a node that does not read is closed.</summary>
internal sealed class Outbox(WebSocket socket, TimeProvider time)
{
    private readonly Channel<(GatewayFrame Frame, JobUpload? Upload)> _frames = Channel.CreateBounded<(GatewayFrame, JobUpload?)>(
        new BoundedChannelOptions(NodeLimits.OutboxFramesMax) { SingleReader = true });

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private long _sendingSince;
    private (WebSocketCloseStatus Status, string Message) _close = (WebSocketCloseStatus.NormalClosure, string.Empty);

    /// <summary>Queues a frame.</summary>
    /// <param name="frame">The frame; not changed afterwards.</param>
    /// <param name="upload">What follows it in parts, between other frames.</param>
    /// <returns>False when the queue is full or closed.</returns>
    public bool TrySend(GatewayFrame frame, JobUpload? upload = null) => _frames.Writer.TryWrite((frame, upload));

    /// <summary>How long the frame that is being sent has waited for the socket.</summary>
    public TimeSpan Stalled => Volatile.Read(ref _sendingSince) is var since and not 0 ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Takes no more frames but a last one; then the WebSocket is closed from this end.</summary>
    public void Complete(GatewayFrame? last, WebSocketCloseStatus status, string message)
    {
        _close = (status, message);
        if (last is not null)
            TrySend(last);
        _frames.Writer.TryComplete();
    }

    /// <summary>Sends until <see cref="Complete"/>, then closes; gives the socket up when it breaks or the token says so.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await SendAllAsync(ct);
            await socket.CloseOutputAsync(_close.Status, NodeText.Clean(_close.Message, CloseTextCharsMax), ct);
        }
        catch (Exception broken) when (LinkReader.IsDisconnect(broken))
        {
            // The receiving side notices the abort and ends the session.
            socket.Abort();
        }
    }

    // A close frame holds at most 125 bytes, two of them the status; a character is up to three bytes.
    private const int CloseTextCharsMax = 41;

    private async Task SendAllAsync(CancellationToken ct)
    {
        var uploads = new Queue<JobUpload>();
        while (true)
        {
            // One queued frame, then one part: small frames never wait behind a long request, and requests share what is left.
            var isIdle = true;
            if (_frames.Reader.TryRead(out var next))
            {
                isIdle = false;
                await SendAsync(next.Frame, ct);
                if (next.Upload is not null)
                    uploads.Enqueue(next.Upload);
            }

            if (uploads.TryDequeue(out var upload))
            {
                isIdle = false;
                if (upload.Next() is { } part)
                {
                    await SendAsync(part, ct);
                    uploads.Enqueue(upload);
                }
            }

            if (_frames.Reader.Completion.IsCompleted || (isIdle && !await _frames.Reader.WaitToReadAsync(ct)))
                return;
        }
    }

    private async ValueTask SendAsync(GatewayFrame frame, CancellationToken ct)
    {
        _bytes.ResetWrittenCount();
        LinkCodec.Write(frame, _bytes);
        // A timestamp of zero stands for "nothing is being sent".
        Volatile.Write(ref _sendingSince, Math.Max(time.GetTimestamp(), 1));
        await socket.SendAsync(_bytes.WrittenMemory, WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, ct);
        Volatile.Write(ref _sendingSince, 0);
    }
}
