namespace Flotilla.Gateway.Nodes;

/// <summary>What a read from a socket gave. Closed.</summary>
internal enum LinkReadKind
{
    /// <summary>A whole binary message.</summary>
    Frame,

    /// <summary>The other end closed in the WebSocket's way.</summary>
    Closed,

    /// <summary>The connection broke, or this end gave it up.</summary>
    Gone,

    /// <summary>A message longer than allowed.</summary>
    TooLong,

    /// <summary>A text message.</summary>
    Text,

    /// <summary>A message in more pieces than allowed.</summary>
    Fragmented,
}
