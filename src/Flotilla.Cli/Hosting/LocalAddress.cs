using System.Net;

namespace Flotilla.Cli.Hosting;

/// <summary>How this machine reaches a gateway that listens on it.</summary>
internal static class LocalAddress
{
    /// <summary>The origin with loopback for an address such as 0.0.0.0, which is one to listen on and none to dial.</summary>
    public static Uri Of(string origin)
    {
        UriBuilder address = new(origin);
        if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip))
        {
            if (ip.Equals(IPAddress.Any))
                address.Host = "127.0.0.1";
            else if (ip.Equals(IPAddress.IPv6Any))
                address.Host = "[::1]";
        }
        return address.Uri;
    }
}
