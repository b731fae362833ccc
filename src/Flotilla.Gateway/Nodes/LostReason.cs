namespace Flotilla.Gateway.Nodes;

/// <summary>Why an attempt ended without the node's last word on it. Closed.</summary>
internal enum LostReason
{
    /// <summary>The connection is gone: the node died, or its network did.</summary>
    LinkClosed,

    /// <summary>The node broke the protocol; whatever it sent is worth nothing.</summary>
    ProtocolViolation,

    /// <summary>The node said nothing for <see cref="Protocol.Link.LinkLimits.SilenceMax"/>.</summary>
    Silence,

    /// <summary>The node takes no bytes: its outbox ran over, or a frame stuck.</summary>
    NotReading,

    /// <summary>A later session of the same node took over.</summary>
    Fenced,

    /// <summary>The node's operator or the gateway's shut it out.</summary>
    Revoked,

    /// <summary>The gateway stops.</summary>
    GatewayStopping,

    /// <summary>The node did not end the attempt in time after its deadline or its cancel.</summary>
    Overdue,

    /// <summary>The attempt was cancelled before the node had the whole request, which it therefore cannot sign for.</summary>
    Cancelled,

    /// <summary>The session does not offer that model (any more).</summary>
    NotOffered,
}
