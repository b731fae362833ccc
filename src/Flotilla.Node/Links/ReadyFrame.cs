using Flotilla.Protocol.Link;

namespace Flotilla.Node.Links;

/// <summary>A frame that was complete when it was queued.</summary>
internal sealed class ReadyFrame(NodeFrame frame) : IOutboundFrame
{
    /// <inheritdoc />
    public NodeFrame Take() => frame;
}
