using System.Globalization;
using System.Net;
using Flotilla.Core;
using Flotilla.Gateway.Nodes;
using Flotilla.Ledger;

namespace Flotilla.Gateway;

/// <summary>Checks options before anything is opened; reports every fault at once.</summary>
public static class GatewayOptionsValidator
{
    private const int AliasesMax = 1_000;
    private const int ModelNotesMax = 1_000;
    private const int NamespaceNotesMax = 1_000;

    /// <summary>One sentence per fault: the setting, its value, what is allowed. Empty when all is well.</summary>
    public static IReadOnlyList<string> Faults(GatewayOptions options)
    {
        List<string> faults = [];
        if (string.IsNullOrWhiteSpace(options.DataFolder))
            faults.Add("DataFolder is empty; name the folder that shall hold the ledger.");
        if (options.Port is < 0 or > 65_535)
            faults.Add($"Port is {options.Port}; it must lie between 0 (any) and 65535.");
        Positive(faults, nameof(options.FirstEventTimeout), options.FirstEventTimeout);
        Positive(faults, nameof(options.EventGapTimeout), options.EventGapTimeout);
        Positive(faults, nameof(options.JobTimeout), options.JobTimeout);
        if (options.HoldTimeout < options.JobTimeout + GatewayLimits.HoldMarginMin)
            faults.Add($"HoldTimeout is {options.HoldTimeout.TotalSeconds} s; it must exceed JobTimeout, which is {options.JobTimeout.TotalSeconds} s, by at least {GatewayLimits.HoldMarginMin.TotalSeconds} s, or a job could lose its hold before it is settled.");
        if (options.DrainTimeout < TimeSpan.Zero)
            faults.Add($"DrainTimeout is {options.DrainTimeout.TotalSeconds} s; it must not be negative.");
        if (options.BatchPriceBasisPoints is < 0 or > Price.BasisPoints)
            faults.Add($"BatchPriceBasisPoints is {options.BatchPriceBasisPoints}; it must lie between 0 and {Price.BasisPoints}.");
        if (options.VideosKept <= TimeSpan.Zero || options.VideosKept > GatewayLimits.VideosKeptMax)
            faults.Add($"VideosKept is {options.VideosKept.TotalHours} h; it must be above 0 and at most {GatewayLimits.VideosKeptMax.TotalHours} h.");
        if (options.StoredBytesMax < 0)
            faults.Add($"StoredBytesMax is {options.StoredBytesMax}; it must not be negative.");
        if (options.CreditLow < Credits.Zero)
            faults.Add($"CreditLow is {options.CreditLow}; it must not be negative.");
        if (options.Aliases.Count > AliasesMax)
            faults.Add($"There are {options.Aliases.Count} aliases; at most {AliasesMax} are allowed.");
        foreach (var (alias, model) in options.Aliases)
        {
            if (options.Aliases.ContainsKey(model))
                faults.Add($"Alias {alias} leads to {model}, which is an alias itself; name the model.");
        }

        foreach (var origin in options.CorsOrigins.Where(origin => !IsOrigin(origin)))
            faults.Add($"CorsOrigins has '{origin}'; an origin is a scheme and a host with nothing behind it, such as https://app.example.");
        foreach (var range in options.Outbound.PrivateRanges.Where(range => !IPNetwork.TryParse(range, out _)))
            faults.Add($"Outbound.PrivateRanges has '{range}'; a range is an address and the length of its prefix, such as 10.0.0.0/8.");
        Hosts(faults, nameof(options.Outbound.Hosts), options.Outbound.Hosts);
        Hosts(faults, nameof(options.Outbound.MediaHosts), options.Outbound.MediaHosts);
        if (options.Models.Count > ModelNotesMax)
            faults.Add($"There are notes on {options.Models.Count} models; at most {ModelNotesMax} are allowed.");
        foreach (var (model, notes) in options.Models)
        {
            if (options.Aliases.ContainsKey(model))
                faults.Add($"Models.{model} is an alias; notes belong to the model that it leads to.");
            if (notes.ShutdownDate is { } end && (notes.NoticeDate is not { } notice || notice >= end))
                faults.Add($"Models.{model}.ShutdownDate is {end:yyyy-MM-dd}; it needs a NoticeDate before it, and that is {(notes.NoticeDate is { } at ? at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "missing")}.");
            if (notes.Tier is { } tier && !ModelNotes.Tiers.Contains(tier))
                faults.Add($"Models.{model}.Tier is '{tier}'; it must be one of {string.Join(", ", ModelNotes.Tiers)}.");
        }

        if (options.Namespaces.Count > NamespaceNotesMax)
            faults.Add($"There are notes on {options.Namespaces.Count} namespaces; at most {NamespaceNotesMax} are allowed.");
        foreach (var (name, notes) in options.Namespaces.Where(n => n.Value.Region is { } region && !NodeWishes.TryParseRegion(region, out _, out _)))
            faults.Add($"Namespaces.{name}.Region is '{notes.Region}'; it must be {NodeWishes.RegionRule}.");
        Limits(faults, nameof(options.KeyLimits), options.KeyLimits);
        Limits(faults, nameof(options.NamespaceLimits), options.NamespaceLimits);
        if (options.DefaultPrice is { NodeShareBasisPoints: < 0 or > 10_000 })
            faults.Add($"DefaultPrice.NodeShareBasisPoints is {options.DefaultPrice.NodeShareBasisPoints}; it must lie between 0 and 10000.");
        return faults;
    }

    private static void Hosts(List<string> faults, string name, IReadOnlyList<string> hosts)
    {
        foreach (var host in hosts.Where(host => Uri.CheckHostName(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host) == UriHostNameType.Unknown))
            faults.Add($"Outbound.{name} has '{host}'; a host is a name or an address, such as hooks.example, or *.example for every name under it.");
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == text;

    private static void Limits(List<string> faults, string name, RateLimits limits)
    {
        foreach (var (what, value) in new[] { ("requests per minute", limits.RequestsPerMinute), ("tokens per minute", limits.TokensPerMinute), ("requests at once", limits.Concurrency) })
        {
            if (value < 0)
                faults.Add($"{name} allows {value} {what}; it must not be negative, and 0 stands for no limit.");
        }
    }

    private static void Positive(List<string> faults, string name, TimeSpan value)
    {
        if (value <= TimeSpan.Zero)
            faults.Add($"{name} is {value.TotalSeconds} s; it must be above 0.");
    }
}
