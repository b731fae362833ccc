using Flotilla.Node.Links;
using Flotilla.Protocol.Link;

namespace Flotilla.Node;

/// <summary>Finds all that is wrong with a node's options at once.</summary>
public static class NodeOptionsValidator
{
    /// <summary>One sentence per error, each naming the option, its value and what it may be; empty where all is well.</summary>
    public static IReadOnlyList<string> Errors(NodeOptions options)
    {
        var errors = new List<string>();
        CheckGateways(options, errors);
        if (string.IsNullOrWhiteSpace(options.DataFolder))
            errors.Add("DataFolder is empty; name a folder for the node's key.");
        if (options.Name.Length > LinkLimits.NodeNameCharsMax)
            errors.Add($"Name has {options.Name.Length} characters; at most {LinkLimits.NodeNameCharsMax} are possible.");
        if (!options.Name.All(c => char.IsLetterOrDigit(c) || " ._:/@+-'()".Contains(c, StringComparison.Ordinal)))
            errors.Add($"Name is '{new string([.. options.Name.Select(c => char.IsControl(c) ? '?' : c)])}'; it has letters, digits, blanks and the marks . _ : / @ + - ' ( ).");
        if (options.Region.Length > 0 && !Regions.All.Contains(options.Region))
            errors.Add($"Region is '{options.Region}'; it is one of {string.Join(", ", Regions.All)} or empty.");
        if (options.Slots is < 1 or > LinkLimits.SlotsMax)
            errors.Add($"Slots is {options.Slots}; it is 1 to {LinkLimits.SlotsMax}.");
        // The token is a secret, so its value stays out of the message.
        if (options.JoinToken is { Length: > LinkLimits.JoinTokenCharsMax or 0 })
            errors.Add($"JoinToken has {options.JoinToken.Length} characters; it has 1 to {LinkLimits.JoinTokenCharsMax}, or leave it out.");
        if (options.DrainLimit < TimeSpan.Zero || options.DrainLimit > TimeSpan.FromDays(1))
            errors.Add($"DrainLimit is {options.DrainLimit}; it is 0 to 1 day.");
        return errors;
    }

    private static void CheckGateways(NodeOptions options, List<string> errors)
    {
        if (options.Gateways.Count is 0 or > NodeLimits.GatewaysMax)
            errors.Add($"Gateways has {options.Gateways.Count} entries; 1 to {NodeLimits.GatewaysMax} are possible.");
        var links = new HashSet<Uri>();
        foreach (var gateway in options.Gateways)
        {
            if (GatewayAddress.TryParse(gateway, options.AllowInsecure, out var address) is { } error)
                errors.Add(error);
            else if (!links.Add(address!.Link))
                errors.Add($"Gateways names {gateway} twice.");
        }
    }
}
