using System.Threading.Channels;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Links;

/// <summary>The frames of one session on their way to the socket. One task writes; the frames of many jobs take turns.</summary>
internal sealed class Outbox(ulong sessionEpoch)
{
    private readonly Channel<IOutboundFrame> _frames = Channel.CreateBounded<IOutboundFrame>(
        new BoundedChannelOptions(NodeLimits.OutboxFramesMax) { SingleReader = true });

    /// <summary>Queues a frame; waits while the queue is full.</summary>
    /// <exception cref="ChannelClosedException">The session is over.</exception>
    public ValueTask WriteAsync(IOutboundFrame frame) => _frames.Writer.WriteAsync(frame);

    /// <summary>Queues a complete frame; waits while the queue is full.</summary>
    /// <exception cref="ChannelClosedException">The session is over.</exception>
    public ValueTask WriteAsync(NodeFrame frame) => WriteAsync(new ReadyFrame(frame));

    /// <summary>Takes no more frames; those queued are still sent.</summary>
    public void Complete() => _frames.Writer.TryComplete();

    /// <summary>Sends until <see cref="Complete"/>, or until the socket fails.</summary>
    public async Task SendAllAsync(FrameSocket socket, CancellationToken ct)
    {
        try
        {
            await foreach (var item in _frames.Reader.ReadAllAsync(ct))
            {
                var frame = item.Take();
                frame.SessionEpoch = sessionEpoch;
                await socket.WriteAsync(frame, ct);
            }
        }
        finally
        {
            // Jobs that wait for room must not wait for a socket that is gone.
            Complete();
        }
    }
}
