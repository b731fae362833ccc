using Flotilla.Protocol.Link;

namespace Flotilla.Node.Links;

/// <summary>Where a gateway is dialled.</summary>
/// <param name="Link">ws or wss, ending in the link's path.</param>
/// <param name="Origin">host[:port] as the handshake signs it; a default port is left out.</param>
internal sealed record GatewayAddress(Uri Link, string Origin)
{
    /// <summary>Reads what the owner wrote.</summary>
    /// <returns>A sentence that says what is wrong, or null and the address.</returns>
    public static string? TryParse(Uri given, bool allowInsecure, out GatewayAddress? address)
    {
        address = null;
        if (!given.IsAbsoluteUri)
            return $"Gateway '{given}' is no absolute address; write https://host[:port].";
        var secure = given.Scheme is "wss" or "https";
        if (!secure && given.Scheme is not ("ws" or "http"))
            return $"Gateway '{given}' has the scheme {given.Scheme}; it is https, wss, http or ws.";
        if (given.UserInfo.Length > 0 || given.Query.Length > 0 || given.Fragment.Length > 0)
            return $"Gateway {given.Scheme}://{given.Authority} carries a user, a query or a fragment; it is a host, a port and perhaps a path.";
        if (!secure && !given.IsLoopback && !allowInsecure)
            return $"Gateway '{given}' is not encrypted and not this machine; use https, or AllowInsecure on a network that you trust with every prompt.";
        if (given.Authority.Length > LinkLimits.OriginCharsMax)
            return $"Gateway '{given}' has a host of {given.Authority.Length} characters; at most {LinkLimits.OriginCharsMax} are possible.";
        var path = given.AbsolutePath.TrimEnd('/');
        if (!path.EndsWith(LinkLimits.Path, StringComparison.Ordinal))
            path += LinkLimits.Path;
        var link = new UriBuilder(given) { Scheme = secure ? "wss" : "ws", Port = given.IsDefaultPort ? -1 : given.Port, Path = path }.Uri;
        address = new GatewayAddress(link, link.Authority);
        return null;
    }
}
