namespace Flotilla.Gateway.Outbound;

/// <summary>The bounds of calls to addresses that somebody else named.</summary>
internal static class OutboundLimits
{
    /// <summary>Characters of a URL: what browsers and proxies commonly take.</summary>
    public const int UrlCharsMax = 2_048;

    /// <summary>Addresses of one name that are looked at; a name with more is refused, so that none goes unchecked.</summary>
    public const int AddressesMax = 32;

    /// <summary>Kilobytes of an answer's headers, as for a request's (security list, item 12).</summary>
    public const int HeadersKilobytes = 32;

    /// <summary>Bytes of an answer that nobody reads (security list, item 21): as many are drained so that the connection can be used again.</summary>
    public const int DiscardedBytesMax = 64 * 1024;

    /// <summary>Connections to one host at once: a tenant's deliveries shall not look like an attack on their receiver.</summary>
    public const int ConnectionsPerHostMax = 16;

    /// <summary>Time for the name, the connection and TLS.</summary>
    public static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);

    /// <summary>Time for a whole call (security list, item 20).</summary>
    public static readonly TimeSpan CallTime = TimeSpan.FromSeconds(10);

    /// <summary>Time to drain an answer that nobody reads; then its connection is dropped.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);

    /// <summary>Time that a connection is used again: a host that moves is followed within it.</summary>
    public static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(1);
}
