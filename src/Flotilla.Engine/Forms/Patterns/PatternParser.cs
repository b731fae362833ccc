using System.Globalization;
using System.Text;

namespace Flotilla.Engine.Forms.Patterns;

/// <summary>
/// Reads a regular expression of ECMAScript (with its <c>u</c> flag), as far as it is regular and every place of it decides alone:
/// no look-around, no references, no word boundaries. Nesting is limited, so that reading cannot exhaust the stack.
/// </summary>
internal sealed class PatternParser(string text)
{
    // Each set once: long patterns consist of few characters.
    private readonly Dictionary<int, CodePointSet> _singles = [];
    private int _at;
    private int _depth;

    /// <exception cref="FormException">It is malformed or uses what cannot be held.</exception>
    public static Pattern Parse(string text)
    {
        var parser = new PatternParser(text);
        var pattern = parser.Alternatives();
        return parser._at == text.Length ? pattern : throw parser.Wrong("has a ')' without its '('");
    }

    private bool Ends => _at == text.Length;

    private Pattern Alternatives()
    {
        if (++_depth > TextLimits.PatternDepthMax)
            throw Wrong($"nests groups more than {TextLimits.PatternDepthMax} deep");
        var parts = new List<Pattern> { Sequence() };
        while (Take('|'))
            parts.Add(Sequence());
        _depth--;
        return parts.Count == 1 ? parts[0] : new Pattern.Alternatives(parts);
    }

    private Pattern.Sequence Sequence()
    {
        var parts = new List<Pattern>();
        while (!Ends && text[_at] is not ('|' or ')'))
        {
            var part = Atom();
            var repeated = Quantified(part);
            if (repeated is not null && part is Pattern.Anchor)
                throw Wrong("repeats '^' or '$'");
            parts.Add(repeated ?? part);
        }

        return new Pattern.Sequence(parts);
    }

    private Pattern Atom()
    {
        var unit = Take();
        switch (unit)
        {
            case '^' or '$':
                return new Pattern.Anchor(unit == '^');
            case '.':
                return new Pattern.Character(CodePointSet.NoLineEnds);
            case '(':
                return Group();
            case '[':
                return new Pattern.Character(Class());
            case '\\':
                return new Pattern.Character(Escape(inClass: false));
            case '*' or '+' or '?' or '{':
                throw Wrong($"has '{unit}' with nothing before it to repeat");
            default:
                return new Pattern.Character(Single(Scalar(unit)));
        }
    }

    private Pattern Group()
    {
        if (Take('?'))
        {
            if (Take('<') && !Ends && text[_at] is not ('=' or '!'))
            {
                var end = text.IndexOf('>', _at);
                _at = end < 0 ? throw Wrong("has a group name without its end") : end + 1;
            }
            else if (!Take(':'))
            {
                throw Wrong("looks around ('(?=', '(?!', '(?<=', '(?<!') or sets flags, which answers cannot be held to");
            }
        }

        var inside = Alternatives();
        return Take(')') ? inside : throw Wrong("has a '(' without its ')'");
    }

    private Pattern.Repeated? Quantified(Pattern part)
    {
        if (Ends)
            return null;
        (int Min, int? Max)? count = text[_at] switch { '*' => (0, null), '+' => (1, null), '?' => (0, 1), '{' => Counts(), _ => null };
        if (count is not { } bounds)
            return null;
        _at++;
        // Lazy or greedy: the same texts.
        Take('?');
        return new Pattern.Repeated(part, bounds.Min, bounds.Max);
    }

    /// <summary>Reads <c>{m}</c>, <c>{m,}</c> or <c>{m,n}</c> up to its closing brace.</summary>
    private (int Min, int? Max) Counts()
    {
        _at++;
        var min = Number();
        var max = Take(',') ? !Ends && text[_at] == '}' ? (int?)null : Number() : min;
        if (Ends || text[_at] != '}')
            throw Wrong("has a '{' that is no count; write '\\{' for the character");
        return max < min ? throw Wrong($"repeats at least {min} and at most {max} times") : (min, max);
    }

    private int Number()
    {
        var from = _at;
        while (!Ends && char.IsAsciiDigit(text[_at]))
            _at++;
        if (!int.TryParse(text.AsSpan(from, _at - from), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw Wrong("has a '{' that is no count; write '\\{' for the character");
        return number <= TextLimits.FormCountMax ? number : throw Wrong($"repeats {number} times; at most {TextLimits.FormCountMax} are allowed");
    }

    private CodePointSet Class()
    {
        var isNegated = Take('^');
        var parts = new HashSet<CodePointSet>();
        while (!Take(']'))
        {
            var first = ClassPart(out var isRange);
            if (isRange && _at + 1 < text.Length && text[_at] == '-' && text[_at + 1] != ']')
            {
                _at++;
                var last = ClassPart(out isRange);
                if (!isRange || last.Ranges[0].First < first.Ranges[0].First)
                    throw Wrong("has a range in '[…]' that is none");
                first = CodePointSet.Of((first.Ranges[0].First, last.Ranges[0].First));
            }

            parts.Add(first);
        }

        var set = CodePointSet.Of(parts.SelectMany(part => part.Ranges));
        return isNegated ? set.Complement() : set;
    }

    /// <summary>A character, which may begin or end a range, or a class such as <c>\d</c>, which may not.</summary>
    private CodePointSet ClassPart(out bool isCharacter)
    {
        var unit = Take();
        var set = unit == '\\' ? Escape(inClass: true) : Single(Scalar(unit));
        isCharacter = set.Ranges.Count == 1 && set.Ranges[0].First == set.Ranges[0].Last;
        return set;
    }

    private CodePointSet Escape(bool inClass)
    {
        var unit = Take();
        return unit switch
        {
            'd' => CodePointSet.Digits,
            'D' => CodePointSet.NoDigits,
            'w' => CodePointSet.WordCharacters,
            'W' => CodePointSet.NoWordCharacters,
            's' => CodePointSet.WhiteSpace,
            'S' => CodePointSet.NoWhiteSpace,
            't' => Single('\t'),
            'n' => Single('\n'),
            'v' => Single('\v'),
            'f' => Single('\f'),
            'r' => Single('\r'),
            'b' when inClass => Single('\b'),
            '0' when Ends || !char.IsAsciiDigit(text[_at]) => Single(0),
            'x' => Single(Hexadecimal(2)),
            'u' => Single(UnicodeEscape()),
            _ when char.IsAsciiLetterOrDigit(unit) => throw Wrong($"uses '\\{unit}', which answers cannot be held to"),
            _ => Single(Scalar(unit)),
        };
    }

    private int UnicodeEscape()
    {
        if (!Take('{'))
        {
            var unit = Hexadecimal(4);
            return char.IsSurrogate((char)unit) ? throw Wrong("has a surrogate; write '\\u{…}'") : unit;
        }

        var digits = text.IndexOf('}', _at) - _at;
        var value = digits is > 0 and <= 6 ? Hexadecimal(digits) : -1;
        _at++;
        return Rune.IsValid(value) ? value : throw Wrong("has a '\\u{…}' that is no character");
    }

    private int Hexadecimal(int digits)
    {
        if (_at + digits > text.Length || !int.TryParse(text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            throw Wrong("has an escape without its hexadecimal digits");
        _at += digits;
        return value;
    }

    private int Scalar(char unit)
    {
        if (!char.IsSurrogate(unit))
            return unit;
        if (Ends || !char.IsSurrogatePair(unit, text[_at]))
            throw Wrong("has half a character");
        return char.ConvertToUtf32(unit, text[_at++]);
    }

    private CodePointSet Single(int value)
    {
        if (!_singles.TryGetValue(value, out var set))
            _singles.Add(value, set = CodePointSet.Single(value));
        return set;
    }

    private char Take() => Ends ? throw Wrong("ends where something more belongs") : text[_at++];

    private bool Take(char unit)
    {
        var isNext = !Ends && text[_at] == unit;
        _at += isNext ? 1 : 0;
        return isNext;
    }

    private FormException Wrong(string what) => new($"The pattern {what} (at character {_at}).");
}
