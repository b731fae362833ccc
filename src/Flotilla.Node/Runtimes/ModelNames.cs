using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes;

/// <summary>What a model, and anything else with a name on the link, may be called.</summary>
internal static class ModelNames
{
    /// <summary>The rule in words.</summary>
    public static readonly string Rule = $"a name has 1 to {LinkLimits.NameCharsMax} characters of [A-Za-z0-9._:/@+-]";

    /// <summary>Whether a gateway takes it.</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= LinkLimits.NameCharsMax && name.All(c => char.IsAsciiLetterOrDigit(c) || "._:/@+-".Contains(c, StringComparison.Ordinal));
}
