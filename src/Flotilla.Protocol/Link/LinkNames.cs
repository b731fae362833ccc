namespace Flotilla.Protocol.Link;

/// <summary>What a model, and anything else with a name on the link, may be called.</summary>
public static class LinkNames
{
    /// <summary>The marks that a name may hold beside ASCII letters and digits.</summary>
    public const string Marks = "._:/@+-";

    /// <summary>The rule in words.</summary>
    public static readonly string Rule = $"a name has 1 to {LinkLimits.NameCharsMax} characters of [A-Za-z0-9{Marks}]";

    /// <summary>Whether a text is such a name.</summary>
    public static bool IsName(string text)
    {
        if (text.Length is 0 or > LinkLimits.NameCharsMax)
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !Marks.Contains(c))
                return false;
        }

        return true;
    }
}
