namespace Flotilla.Gateway.Outbound;

/// <summary>Why a call brought no answer. Never says more of a machine that may not be called than that.</summary>
internal enum OutboundFault
{
    /// <summary>The name leads to an address that is not public, or to more addresses than are checked.</summary>
    AddressRefused,

    /// <summary>The name leads nowhere, or nobody listens there.</summary>
    Unreachable,

    /// <summary>The certificate is not valid for the host, or no TLS is spoken.</summary>
    NotSecure,

    /// <summary>There was no whole answer in time.</summary>
    TimedOut,

    /// <summary>The answer has more bytes than are wanted.</summary>
    TooLarge,

    /// <summary>What came is no HTTP answer, or it broke off.</summary>
    Broken,
}
