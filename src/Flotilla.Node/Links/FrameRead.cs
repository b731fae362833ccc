using System.Net.WebSockets;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Links;

/// <summary>What came out of waiting for a frame: a frame, the end, or a violation of the protocol.</summary>
internal readonly record struct FrameRead
{
    /// <summary>A frame came.</summary>
    public FrameRead(GatewayFrame frame) => Frame = frame;

    /// <summary>Something came that is no frame.</summary>
    public FrameRead(WebSocketCloseStatus closeWith, string violation) => (CloseWith, Violation) = (closeWith, violation);

    /// <summary>The other end closed the connection.</summary>
    public static FrameRead End => default;

    /// <summary>The frame, if one came.</summary>
    public GatewayFrame? Frame { get; }

    /// <summary>What was wrong with the message, if something was.</summary>
    public string? Violation { get; }

    /// <summary>The close status that answers the violation.</summary>
    public WebSocketCloseStatus CloseWith { get; }
}
