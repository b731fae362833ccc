namespace Flotilla.Node;

/// <summary>How the node stands with one gateway.</summary>
public enum GatewayState
{
    /// <summary>Dialling, or in the handshake.</summary>
    Connecting,

    /// <summary>Welcomed: jobs may come.</summary>
    Connected,

    /// <summary>Giving no more jobs a start and finishing those that run.</summary>
    Draining,

    /// <summary>Not connected; dials again by itself soon.</summary>
    Waiting,

    /// <summary>Refused for a reason that a person must lift; dials again once a minute.</summary>
    Refused,

    /// <summary>Over.</summary>
    Stopped,
}
