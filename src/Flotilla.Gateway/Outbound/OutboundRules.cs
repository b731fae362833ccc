using System.Net;

namespace Flotilla.Gateway.Outbound;

/// <summary>What the operator lets the gateway call.</summary>
internal sealed class OutboundRules(GatewayOptions options)
{
    private readonly IReadOnlyList<string> _hosts = options.Outbound.Hosts;
    private readonly IReadOnlyList<string> _mediaHosts = options.Outbound.MediaHosts;
    private readonly IPNetwork[] _private = [.. options.Outbound.PrivateRanges.Select(IPNetwork.Parse)];

    /// <summary>Whether a call may go unencrypted.</summary>
    public bool AllowsHttp { get; } = options.Outbound.AllowHttp;

    /// <summary>Whether images are fetched at all.</summary>
    public bool AllowsMedia => _mediaHosts.Count > 0;

    /// <summary>Whether an address may be connected to: a public one, or one of a range that is named.</summary>
    public bool Allows(IPAddress address)
    {
        var plain = PublicAddress.Plain(address);
        return PublicAddress.IsPublic(plain) || _private.Any(range => range.Contains(plain));
    }

    /// <summary>Whether a host may be called, whatever its addresses are.</summary>
    /// <param name="host">Lower case, as <see cref="Uri.DnsSafeHost"/> has it.</param>
    public bool AllowsHost(string host) => _hosts.Count == 0 || _hosts.Any(allowed => Matches(allowed, host));

    /// <summary>Whether images may be fetched from a host that may be called.</summary>
    /// <param name="host">Lower case, as <see cref="Uri.Host"/> has it.</param>
    public bool AllowsMediaHost(string host) => _mediaHosts.Any(allowed => Matches(allowed, host));

    private static bool Matches(string allowed, string host) => allowed.StartsWith("*.", StringComparison.Ordinal)
        ? host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase) && host.Length > allowed.Length - 1
        : host.Equals(allowed, StringComparison.OrdinalIgnoreCase);
}
