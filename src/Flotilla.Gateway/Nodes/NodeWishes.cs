using System.Diagnostics.CodeAnalysis;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Nodes;

/// <summary>Which nodes one request may be placed on, and which of them first.</summary>
/// <param name="Provider">What the body asks for.</param>
/// <param name="Region">Where the node should stand; null: anywhere.</param>
/// <param name="RegionOnly">Whether no other region will do.</param>
/// <param name="Needs">Capabilities that the node's offer must name.</param>
internal sealed record NodeWishes(ProviderPreferences Provider, string? Region, bool RegionOnly, IReadOnlyList<string> Needs)
{
    private const string Header = "x-region";
    private const string Strict = "strict";

    /// <summary>Any node will do.</summary>
    public static NodeWishes None { get; } = new(ProviderPreferences.None, null, false, []);

    /// <summary>Nodes that may be asked for one job before the client is told.</summary>
    public uint AttemptsMax => Provider.AllowFallbacks || Provider.Order.Count > 0 ? GatewayLimits.AttemptsMax : 1;

    private bool OrderOnly => Provider is { AllowFallbacks: false, Order.Count: > 0 };

    /// <summary>What a region may look like, in words.</summary>
    public static string RegionRule { get; } = $"one of {string.Join(", ", Regions.All)}, with '; {Strict}' after it where no other region will do";

    /// <summary>Reads the header <c>x-region</c> (<c>EU</c>, or <c>EU; strict</c>) beside the request.</summary>
    /// <param name="headers">The request's.</param>
    /// <param name="request">For its <c>provider</c>.</param>
    /// <param name="usual">The region where the header is missing, of the same form; null: anywhere.</param>
    public static Result<NodeWishes> Of(IHeaderDictionary headers, InferenceRequest request, string? usual)
    {
        string? region = null;
        var strict = false;
        if ((headers[Header] is { Count: > 0 } value ? value.ToString() : usual) is { } text && !TryParseRegion(text, out region, out strict))
            return new ApiError(ApiErrorCode.InvalidValue, $"The header {Header} is {RegionRule}.", Header);

        var needs = request.Provider.RequireParameters ? NeedsOf(request) : [];
        return region is null && needs.Count == 0 && request.Provider == ProviderPreferences.None ? None : new NodeWishes(request.Provider, region, strict, needs);
    }

    /// <summary>Reads a region, and whether no other will do.</summary>
    public static bool TryParseRegion(string text, [NotNullWhen(true)] out string? region, out bool strict)
    {
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        strict = parts.Length == 2 && parts[1].Equals(Strict, StringComparison.OrdinalIgnoreCase);
        return Regions.TryParse(parts[0], out region) && (parts.Length == 1 || strict);
    }

    /// <summary>Whether the request may be placed there.</summary>
    public bool Allows(NodeSession node, ModelOffer offer) => Excludes(node, offer) is null;

    /// <summary>The constraint that keeps the request from there; null where none does.</summary>
    public AvailabilityConstraint? Excludes(NodeSession node, ModelOffer offer)
    {
        if (!Needs.All(offer.Capabilities.Contains))
            return AvailabilityConstraint.Capability;
        if (RegionOnly && node.Region != Region)
            return AvailabilityConstraint.Region;
        return (Provider.Only.Count > 0 && !Names(Provider.Only, node)) || Names(Provider.Ignore, node) || (OrderOnly && !Names(Provider.Order, node))
            ? AvailabilityConstraint.Provider
            : null;
    }

    /// <summary>The lower, the sooner it is asked.</summary>
    public int Rank(NodeSession node)
    {
        var place = 0;
        while (place < Provider.Order.Count && !Is(Provider.Order[place], node))
            place++;
        return (2 * place) + (Region is not null && node.Region != Region ? 1 : 0);
    }

    /// <summary>What keeps nodes out, for an error message.</summary>
    public override string ToString()
    {
        List<string> bounds = [];
        if (RegionOnly)
            bounds.Add($"{Header} {Region}; {Strict}");
        if (Provider.Only.Count > 0)
            bounds.Add("provider.only");
        if (Provider.Ignore.Count > 0)
            bounds.Add("provider.ignore");
        if (OrderOnly)
            bounds.Add("provider.order without allow_fallbacks");
        if (Needs.Count > 0)
            bounds.Add($"provider.require_parameters ({string.Join(", ", Needs)})");
        return string.Join(", ", bounds);
    }

    private static bool Names(IReadOnlyList<string> list, NodeSession node)
    {
        foreach (var name in list)
        {
            if (Is(name, node))
                return true;
        }

        return false;
    }

    private static bool Is(string name, NodeSession node) => name == node.Id.Value || name == node.Operator.Value || name == node.Region;

    private static List<string> NeedsOf(InferenceRequest request)
    {
        List<string> needs = [];
        if (request is TextInference { Work.Chat.Tools.Count: > 0 })
            needs.Add(Capability.ToolUse);
        if (request.Seed is not null)
            needs.Add(Capability.Seed);
        return needs;
    }
}
