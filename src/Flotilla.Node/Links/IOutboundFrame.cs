using Flotilla.Protocol.Link;

namespace Flotilla.Node.Links;

/// <summary>Something that waits to be sent.</summary>
internal interface IOutboundFrame
{
    /// <summary>The frame, at the moment it is sent; from now on it no longer changes.</summary>
    NodeFrame Take();
}
