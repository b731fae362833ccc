namespace Flotilla.Gateway.Outbound;

/// <summary>Faults in words.</summary>
internal static class OutboundFaults
{
    /// <summary>A sentence for whoever named the address.</summary>
    public static string Sentence(this OutboundFault fault) => fault switch
    {
        OutboundFault.AddressRefused => "The host leads to an address that is not public.",
        OutboundFault.Unreachable => "The host does not exist, or nobody listens there.",
        OutboundFault.NotSecure => "The host's certificate is not valid for it, or it does not speak TLS.",
        OutboundFault.TimedOut => $"There was no whole answer within {OutboundLimits.CallTime.TotalSeconds} s.",
        OutboundFault.TooLarge => "The answer is too large.",
        _ => "The answer was broken off, or is not HTTP.",
    };
}
