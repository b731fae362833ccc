using System.Globalization;
using System.Text;

namespace Flotilla.Engine.Templates;

/// <summary>String literals of templates, whose escapes are Python's.</summary>
internal static class StringEscapes
{
    /// <summary>The value of a literal's inside. An unknown escape stays as it is written.</summary>
    public static string Decode(ReadOnlySpan<char> literal)
    {
        if (!literal.Contains('\\'))
        {
            return literal.ToString();
        }
        var value = new StringBuilder(literal.Length);
        for (var at = 0; at < literal.Length;)
        {
            if (literal[at] != '\\' || at + 1 == literal.Length)
            {
                value.Append(literal[at++]);
                continue;
            }
            at += Append(literal[(at + 1)..], value) + 1;
        }
        return value.ToString();
    }

    /// <summary>Appends what the escape after a backslash means; returns its length.</summary>
    private static int Append(ReadOnlySpan<char> escape, StringBuilder value)
    {
        switch (escape[0])
        {
            case '\n':
                return 1;
            case '\\' or '\'' or '"':
                value.Append(escape[0]);
                return 1;
            case 'n':
                value.Append('\n');
                return 1;
            case 't':
                value.Append('\t');
                return 1;
            case 'r':
                value.Append('\r');
                return 1;
            case 'b':
                value.Append('\b');
                return 1;
            case 'f':
                value.Append('\f');
                return 1;
            case 'v':
                value.Append('\v');
                return 1;
            case 'a':
                value.Append('\a');
                return 1;
            case 'x':
                return AppendHex(escape, 2, value);
            case 'u':
                return AppendHex(escape, 4, value);
            case 'U':
                return AppendHex(escape, 8, value);
            case >= '0' and <= '7':
                return AppendOctal(escape, value);
            default:
                value.Append('\\').Append(escape[0]);
                return 1;
        }
    }

    private static int AppendHex(ReadOnlySpan<char> escape, int digits, StringBuilder value)
    {
        if (escape.Length <= digits
            || !int.TryParse(escape.Slice(1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            || code is < 0 or > 0x10FFFF)
        {
            value.Append('\\').Append(escape[0]);
            return 1;
        }
        if (code > 0xFFFF)
        {
            value.Append(char.ConvertFromUtf32(code));
        }
        else
        {
            value.Append((char)code);
        }
        return digits + 1;
    }

    private static int AppendOctal(ReadOnlySpan<char> escape, StringBuilder value)
    {
        var (code, length) = (0, 0);
        while (length < 3 && length < escape.Length && escape[length] is >= '0' and <= '7')
        {
            code = code * 8 + (escape[length++] - '0');
        }
        value.Append((char)code);
        return length;
    }
}
