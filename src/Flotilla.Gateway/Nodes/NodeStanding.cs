namespace Flotilla.Gateway.Nodes;

/// <summary>Whether a key may serve. Closed.</summary>
internal enum NodeStanding
{
    /// <summary>Bound to an operator.</summary>
    Welcome,

    /// <summary>Not bound, and no token was given.</summary>
    Unknown,

    /// <summary>No such token, or it is used or expired.</summary>
    TokenRefused,

    /// <summary>Shut out.</summary>
    Revoked,

    /// <summary>Nobody can say now: the registry could not write. The node may come again.</summary>
    Unavailable,
}
