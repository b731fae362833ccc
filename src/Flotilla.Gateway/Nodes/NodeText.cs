using System.Globalization;
using System.Text;

namespace Flotilla.Gateway.Nodes;

/// <summary>What nodes may write into names and messages.</summary>
internal static class NodeText
{
    private const string NameMarks = "._:/@+-";

    /// <summary>Whether the text is a name: 1 to <paramref name="charsMax"/> characters of [A-Za-z0-9._:/@+-].</summary>
    public static bool IsName(string text, int charsMax)
    {
        if (text.Length == 0 || text.Length > charsMax)
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !NameMarks.Contains(c))
                return false;
        }

        return true;
    }

    /// <summary>Whether the text is a SHA-256 in lower-case hexadecimal.</summary>
    public static bool IsSha256(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether a person's words for a machine can be shown as they are: letters and digits of any script, blanks and a name's marks.</summary>
    public static bool IsLabel(string text, int charsMax) =>
        text.Length <= charsMax && text.All(c => char.IsLetterOrDigit(c) || c is ' ' or '\'' or '(' or ')' || NameMarks.Contains(c));

    /// <summary>The text on one line, without control or formatting characters, cut to the length.</summary>
    /// <remarks>It is shown to clients and written to logs and terminals, where an escape or a change of writing direction would speak for us.</remarks>
    public static string Clean(string text, int charsMax)
    {
        if (text.Length <= charsMax && !text.Any(IsHidden))
            return text;
        var clean = new StringBuilder(Math.Min(text.Length, charsMax));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > charsMax)
                break;
            var shown = rune.Utf16SequenceLength == 1 && IsHidden((char)rune.Value) ? new Rune(' ') : rune;
            clean.Append(shown.ToString());
        }

        return clean.ToString();
    }

    private static bool IsHidden(char c) => char.GetUnicodeCategory(c)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
