using System.Net;

namespace Flotilla.Gateway.Nodes;

/// <summary>The names under which nodes may have dialled this gateway.</summary>
/// <remarks>
/// A node signs the name that it dialled (its origin). If the gateway took any origin, somebody could run a gateway of his own,
/// wait for a node to dial it, dial here himself, hand our challenge to that node and its signed answer to us: he would
/// then hold a session in the node's name, see its jobs and answer them. The signed origin would be his name, so we
/// refuse every origin that is not one of ours. That it also equals the request's Host finds proxies that rewrite one of
/// them, and keeps two gateways on one machine apart by their ports.
/// </remarks>
internal sealed class GatewayNames
{
    private readonly IReadOnlyList<HostName> _publicHosts;
    private readonly string _machine;

    /// <summary>Takes the configured names and the machine's own.</summary>
    public GatewayNames(IReadOnlyList<string> publicHosts, string machine)
    {
        _publicHosts = [.. publicHosts.Select(h => HostName.Parse(h)).OfType<HostName>()];
        _machine = machine;
    }

    /// <summary>Null when the node dialled this gateway; else what is wrong.</summary>
    /// <param name="origin">What the node signed.</param>
    /// <param name="host">The request's Host header.</param>
    /// <param name="address">The connection's own end.</param>
    /// <param name="port">The connection's own port.</param>
    public string? Refuse(string origin, string host, IPAddress? address, int port)
    {
        if (HostName.Parse(origin) is not { } signed || HostName.Parse(host) is not { } asked)
            return "the origin or the Host header is no host name with an optional port";
        if (!signed.Matches(asked))
            return "the node signed another origin than the Host that its request names; a proxy on the way must pass Host on unchanged";
        if (_publicHosts.Any(own => own.Port is null ? own.Name == signed.Name : own.Matches(signed)))
            return null;
        var isOwn = IsOwnAddress(signed.Name, address) && (signed.Port is null ? HostName.IsDefaultPort(port) : signed.Port == port);
        return isOwn ? null : "the node dialled a name that this gateway does not know as its own; list it in the gateway's PublicHosts";
    }

    private bool IsOwnAddress(string name, IPAddress? address)
    {
        if (address is null)
            return false;
        var own = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (IPAddress.TryParse(name, out var dialled))
            return dialled.Equals(own);
        return name.Equals(_machine, StringComparison.OrdinalIgnoreCase) || (IPAddress.IsLoopback(own) && name == "localhost");
    }
}
