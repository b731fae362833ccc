namespace Flotilla.Gateway.Nodes;

/// <summary>What an operator sets about the link.</summary>
internal sealed record NodeLinkOptions
{
    /// <summary>Names (host or host:port) under which nodes may dial, beside the machine's own addresses.</summary>
    public IReadOnlyList<string> PublicHosts { get; init; } = [];

    /// <summary>Connections without a proved key, in all.</summary>
    public int UnauthenticatedMax { get; init; } = NodeLimits.UnauthenticatedMax;

    /// <summary>Connections without a proved key from one address.</summary>
    public int UnauthenticatedPerAddressMax { get; init; } = NodeLimits.UnauthenticatedPerAddressMax;
}
