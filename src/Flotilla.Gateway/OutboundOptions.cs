namespace Flotilla.Gateway;

/// <summary>Where the gateway may go when somebody else names the address: webhooks, and media given as a URL.</summary>
public sealed record OutboundOptions
{
    /// <summary>Hosts that may be called: <c>hooks.example</c>, or <c>*.example</c> for every name under it. Empty: any host whose addresses are public.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Of these, the hosts from which images are fetched where a request names them by their URL. Default: none, and such a request is refused.</summary>
    public IReadOnlyList<string> MediaHosts { get; init; } = [];

    /// <summary>Ranges, such as <c>10.0.0.0/8</c> or <c>fd00::/8</c>, that may be called although they are not public. Default: none.</summary>
    public IReadOnlyList<string> PrivateRanges { get; init; } = [];

    /// <summary>Calls <c>http</c> too, which anybody on the way can read and change. Default: <c>https</c> only.</summary>
    public bool AllowHttp { get; init; }
}
