using System.Net;
using System.Net.Sockets;

namespace Flotilla.Gateway.Outbound;

/// <summary>Tells addresses of the public Internet from all others, by IANA's registries of special purposes.</summary>
internal static class PublicAddress
{
    private static readonly IPNetwork[] SpecialV4 = Networks(
        "0.0.0.0/8", // this network; 0.0.0.0 reaches this machine
        "10.0.0.0/8", // private
        "100.64.0.0/10", // carrier-grade NAT; some clouds keep their metadata here
        "127.0.0.0/8", // loopback
        "168.63.129.16/32", // Azure's host: a public number that never leaves the machine's rack
        "169.254.0.0/16", // link-local, and the metadata of most clouds
        "172.16.0.0/12", // private
        "192.0.0.0/24", // protocol assignments
        "192.0.2.0/24", // documentation
        "192.88.99.0/24", // relays of 6to4
        "192.168.0.0/16", // private
        "198.18.0.0/15", // benchmarks
        "198.51.100.0/24", // documentation
        "203.0.113.0/24", // documentation
        "224.0.0.0/4", // multicast
        "240.0.0.0/4"); // reserved, and broadcast

    // Of IPv6 only 2000::/3 is handed out to the public. Loopback, link-local, unique local, multicast, and NAT64's 64:ff9b::/96 and
    // 64:ff9b:1::/48 lie outside of it.
    private static readonly IPNetwork GlobalV6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] SpecialV6 = Networks(
        "2001::/23", // protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32", // documentation
        "2002::/16", // 6to4: an IPv4 address in disguise
        "3fff::/20"); // documentation

    /// <summary>Whether anybody on the Internet means the same machine by it. An IPv4 address mapped into IPv6 is taken for what it is.</summary>
    public static bool IsPublic(IPAddress address)
    {
        var plain = Plain(address);
        return plain.AddressFamily == AddressFamily.InterNetwork
            ? !SpecialV4.Any(network => network.Contains(plain))
            : GlobalV6.Contains(plain) && !SpecialV6.Any(network => network.Contains(plain));
    }

    /// <summary>An IPv4 address mapped into IPv6 as IPv4, any other as it is.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static IPNetwork[] Networks(params string[] texts) => [.. texts.Select(IPNetwork.Parse)];
}
