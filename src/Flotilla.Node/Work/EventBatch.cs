using Flotilla.Node.Links;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Work;

/// <summary>A JobEvents frame that takes in more events for as long as the socket is busy with others.</summary>
internal sealed class EventBatch(JobEvents events) : IOutboundFrame
{
    private readonly Lock _lock = new();
    private int _bytes;
    private bool _taken;

    /// <summary>Adds an event, unless the frame was sent or is full. The first event always fits.</summary>
    public bool TryAdd(Event item, int bytes)
    {
        lock (_lock)
        {
            if (_taken || (_bytes > 0 && _bytes + bytes > NodeLimits.EventFrameBytes))
                return false;
            events.Events.Add(item);
            _bytes += bytes;
            return true;
        }
    }

    /// <inheritdoc />
    public NodeFrame Take()
    {
        lock (_lock)
            _taken = true;
        return new NodeFrame { Events = events };
    }
}
