using System.Globalization;
using System.Text;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Nodes;

/// <summary>What nodes may write into names and messages.</summary>
internal static class NodeText
{
    /// <summary>Whether the text is a SHA-256 in lower-case hexadecimal.</summary>
    public static bool IsSha256(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether a person's words for a machine can be shown as they are: letters and digits of any script, blanks and a name's marks.</summary>
    public static bool IsLabel(string text, int charsMax) =>
        text.Length <= charsMax && text.All(c => char.IsLetterOrDigit(c) || c is ' ' or '\'' or '(' or ')' || LinkNames.Marks.Contains(c));

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
