using System.Buffers;
using System.Net;

namespace Flotilla.Gateway.Outbound;

/// <summary>A URL that may be called, as far as its text tells; the addresses behind a name are checked when it is.</summary>
internal sealed class OutboundUrl
{
    // RFC 3986 without the backslash, blanks and what is not ASCII: where two parsers disagree, one of them is fooled.
    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%");

    private const string NoUrl = "must be a URL, such as https://hooks.example/flotilla.";

    private OutboundUrl(Uri address) => Address = address;

    /// <summary>What is called.</summary>
    public Uri Address { get; }

    /// <summary>Reads a URL that a stranger gave.</summary>
    /// <param name="text">As it was given.</param>
    /// <param name="rules">What the operator allows.</param>
    /// <param name="fault">What is wrong with it, as the end of a sentence that begins with its field; null where nothing is.</param>
    public static OutboundUrl? Read(string text, OutboundRules rules, out string? fault)
    {
        Uri? address = null;
        fault = TextFault(text);
        if (fault is null && !Uri.TryCreate(text, UriKind.Absolute, out address))
            fault = NoUrl;
        fault ??= Fault(text, address!, rules);
        return fault is null ? new OutboundUrl(address!) : null;
    }

    private static string? TextFault(string text)
    {
        if (text.Length > OutboundLimits.UrlCharsMax)
            return $"has {text.Length} characters; a URL may have at most {OutboundLimits.UrlCharsMax}.";
        var odd = text.AsSpan().IndexOfAnyExcept(Allowed);
        return odd < 0 ? null : $"has a character at position {odd} that does not belong in a URL; write names with other letters as xn--…, and the rest as %XX.";
    }

    private static string? Fault(string text, Uri address, OutboundRules rules)
    {
        if (address.Scheme != Uri.UriSchemeHttps && !(rules.AllowsHttp && address.Scheme == Uri.UriSchemeHttp))
            return $"has the scheme '{address.Scheme}'; it must be {(rules.AllowsHttp ? "https or http" : "https")}.";
        if (!text.StartsWith(address.Scheme + "://", StringComparison.OrdinalIgnoreCase))
            return NoUrl;
        if (address.UserInfo.Length > 0 || Authority(text).Contains('@'))
            return "has a user name before its host; it must have none.";
        if (address.Fragment.Length > 0)
            return "has a fragment (#…); it must have none.";
        return HostFault(text, address, rules);
    }

    private static string? HostFault(string text, Uri address, OutboundRules rules)
    {
        // 2130706433, 0177.0.0.1, 127.1 and 0x7f.0.0.1 are all read as 127.0.0.1, here and by others otherwise.
        if (address.HostNameType is not UriHostNameType.IPv6 && !Host(text).Equals(address.Host, StringComparison.OrdinalIgnoreCase))
            return $"has the host '{Host(text)}', which means '{address.Host}'; it must be written so.";
        if (address.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 && !(IPAddress.TryParse(address.DnsSafeHost, out var literal) && rules.Allows(literal)))
            return $"has the host '{address.Host}', which is not a public address.";
        if (address.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6))
            return $"has the host '{address.Host}', which is neither a name nor an address.";
        return rules.AllowsHost(address.DnsSafeHost) ? null : $"has the host '{address.Host}', which is not among those that this gateway may call (setting outbound_hosts).";
    }

    /// <summary>What stands between the scheme and the path, as it is written.</summary>
    private static ReadOnlySpan<char> Authority(string text)
    {
        var rest = text.AsSpan(text.IndexOf("://", StringComparison.Ordinal) + 3);
        var end = rest.IndexOfAny('/', '?', '#');
        return end < 0 ? rest : rest[..end];
    }

    private static string Host(string text)
    {
        var authority = Authority(text);
        var port = authority.LastIndexOf(':');
        return (port < 0 ? authority : authority[..port]).ToString();
    }
}
