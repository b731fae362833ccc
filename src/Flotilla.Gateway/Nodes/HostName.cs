using System.Globalization;
using System.Net;
using Flotilla.Protocol.Link;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Nodes;

/// <summary>A host with an optional port, in one spelling.</summary>
/// <param name="Name">Lower case; an IPv6 address without brackets.</param>
/// <param name="Port">Null where none was written.</param>
internal sealed record HostName(string Name, int? Port)
{
    /// <summary>Reads <c>host</c> or <c>host:port</c>; null for anything else.</summary>
    public static HostName? Parse(string text)
    {
        if (text.Length is 0 or > LinkLimits.OriginCharsMax)
            return null;
        var host = new HostString(text);
        var name = host.Host.Trim('[', ']').ToLower(CultureInfo.InvariantCulture);
        var hasPort = host.Port is not null;
        // HostString drops a port that it cannot read; what is left must be all there was.
        var isWhole = hasPort || !text.EndsWith(':') && (IPAddress.TryParse(name, out _) || !text.Contains(':'));
        if (!isWhole || host.Port is < 1 or > ushort.MaxValue || Uri.CheckHostName(name) == UriHostNameType.Unknown)
            return null;
        return new HostName(name, host.Port);
    }

    /// <summary>Whether both name the same place; a port that is not written is the scheme's own, which proxies may change.</summary>
    public bool Matches(HostName other) =>
        Name == other.Name && (Port == other.Port || IsDefaultPort(Port ?? other.Port!.Value) && (Port is null || other.Port is null));

    /// <summary>Whether the port is left out of a URL.</summary>
    public static bool IsDefaultPort(int port) => port is 80 or 443;
}
