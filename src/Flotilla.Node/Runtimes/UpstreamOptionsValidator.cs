using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes;

/// <summary>Finds all that is wrong with an upstream's options at once.</summary>
public static class UpstreamOptionsValidator
{
    /// <summary>One sentence per error, each naming the option, its value and what it may be; empty where all is well.</summary>
    public static IReadOnlyList<string> Errors(UpstreamOptions options)
    {
        var errors = new List<string>();
        var url = options.BaseUrl;
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))
            errors.Add($"BaseUrl is '{url}'; it is http:// or https:// and a host, usually ending in /v1.");
        else if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            errors.Add($"BaseUrl {url.Scheme}://{url.Authority} carries a user, a query or a fragment; give a key as ApiKey.");
        // The key is a secret, so its value stays out of the message.
        if (options.ApiKey is { } key && (key.Length == 0 || !key.All(c => c is > ' ' and <= '~')))
            errors.Add("ApiKey is empty or holds a blank or a character outside ASCII; leave it out where the server asks for none.");
        foreach (var (name, theirs) in options.Models ?? new Dictionary<string, string>())
        {
            if (!LinkNames.IsName(name))
                errors.Add($"Models names '{name}'; {LinkNames.Rule}.");
            if (theirs.Length is 0 or > LinkLimits.NameCharsMax)
                errors.Add($"Models maps '{name}' to a name of {theirs.Length} characters; it has 1 to {LinkLimits.NameCharsMax}.");
        }

        if (options.Models is { Count: 0 or > LinkLimits.ModelsMax })
            errors.Add($"Models has {options.Models.Count} entries; 1 to {LinkLimits.ModelsMax} are possible, or leave it out.");
        // A gateway closes the link of a node that offers one that is no name.
        foreach (var capability in options.Capabilities.Where(c => !LinkNames.IsName(c)))
            errors.Add($"Capabilities has '{capability}'; {LinkNames.Rule}.");
        CheckDetails(options, errors);
        if (options.ContextTokens < 0)
            errors.Add($"ContextTokens is {options.ContextTokens}; it is 0 (unknown) or more.");
        if (options.FirstEventTimeout <= TimeSpan.Zero || options.IdleTimeout <= TimeSpan.Zero)
            errors.Add($"FirstEventTimeout is {options.FirstEventTimeout} and IdleTimeout {options.IdleTimeout}; both are more than 0.");
        return errors;
    }

    private static void CheckDetails(UpstreamOptions options, List<string> errors)
    {
        if (options.Details.Count > LinkLimits.ModelsMax)
            errors.Add($"Details has {options.Details.Count} entries; at most {LinkLimits.ModelsMax} are possible.");
        foreach (var (name, model) in options.Details)
        {
            if (!LinkNames.IsName(name))
                errors.Add($"Details names '{name}'; {LinkNames.Rule}.");
            foreach (var capability in (model.Capabilities ?? []).Where(c => !LinkNames.IsName(c)))
                errors.Add($"Details of '{name}' have the capability '{capability}'; {LinkNames.Rule}.");
            // A gateway closes the link of a node whose voices are none.
            if (model.Voices.Count > LinkLimits.VoicesMax || !model.Voices.Keys.All(v => LinkNames.IsName(v)) || model.Voices.Values.Any(v => v.Length is 0 or > LinkLimits.NameCharsMax))
                errors.Add($"Details of '{name}' have {model.Voices.Count} voices; at most {LinkLimits.VoicesMax} are possible, {LinkNames.Rule}, and the server's names have 1 to {LinkLimits.NameCharsMax} characters.");
            if (model.Seconds is < 1 or > NodeLimits.CommandSecondsMax)
                errors.Add($"Details of '{name}' allow {model.Seconds} s; it is 1 to {NodeLimits.CommandSecondsMax}, or leave it out.");
        }
    }
}
