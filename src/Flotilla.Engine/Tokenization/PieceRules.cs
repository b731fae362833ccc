namespace Flotilla.Engine.Tokenization;

/// <summary>Appends the ends of the pieces of <paramref name="text"/>, each plus <paramref name="offset"/>.</summary>
internal delegate void PieceRule(ReadOnlySpan<char> text, int offset, List<int> ends);

/// <summary>The rules of pre-tokenizers. In the regular expressions, alternatives are tried in order at each place.</summary>
internal static class PieceRules
{
    /// <summary><c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c></summary>
    public static void Gpt2(ReadOnlySpan<char> text, int offset, List<int> ends)
    {
        for (var at = 0; at < text.Length;)
        {
            at = NextGpt2(text, at);
            ends.Add(offset + at);
        }
    }

    /// <summary>As <see cref="Llama3"/>, but numbers one by one: <c>\p{N}</c>.</summary>
    public static void Qwen2(ReadOnlySpan<char> text, int offset, List<int> ends) => Words(text, offset, ends, 1);

    /// <summary>
    /// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>
    /// </summary>
    public static void Llama3(ReadOnlySpan<char> text, int offset, List<int> ends) => Words(text, offset, ends, 3);

    /// <summary>Each <c>\p{N}</c> alone, and what lies between.</summary>
    public static void SingleNumbers(ReadOnlySpan<char> text, int offset, List<int> ends)
    {
        var pending = 0;
        for (var at = 0; at < text.Length;)
        {
            var isNumber = CharClasses.At(text, at, out var units) == CharClass.Number;
            if (isNumber && at > pending)
            {
                ends.Add(offset + at);
            }
            at += units;
            if (isNumber)
            {
                ends.Add(offset + at);
                pending = at;
            }
        }
        AddRest(text, offset, pending, ends);
    }

    /// <summary>Runs of <c>\p{N}</c>, and what lies between.</summary>
    public static void NumberRuns(ReadOnlySpan<char> text, int offset, List<int> ends) =>
        Runs(text, offset, ends, static (_, kind) => kind == CharClass.Number);

    /// <summary>Runs of <c>[\p{P}$+&lt;=&gt;^~|]</c>, and what lies between.</summary>
    public static void PunctuationRuns(ReadOnlySpan<char> text, int offset, List<int> ends) =>
        Runs(text, offset, ends, static (unit, kind) => kind == CharClass.Punctuation || unit is '$' or '+' or '<' or '=' or '>' or '^' or '~' or '|');

    /// <summary>Groups of three ASCII digits, and what lies between.</summary>
    public static void AsciiDigitTriples(ReadOnlySpan<char> text, int offset, List<int> ends)
    {
        var pending = 0;
        for (var at = 0; at < text.Length;)
        {
            if (at + 3 > text.Length || !IsTriple(text.Slice(at, 3)))
            {
                at++;
                continue;
            }
            if (at > pending)
            {
                ends.Add(offset + at);
            }
            at += 3;
            ends.Add(offset + at);
            pending = at;
        }
        AddRest(text, offset, pending, ends);
    }

    private static int NextGpt2(ReadOnlySpan<char> text, int start)
    {
        if (Contraction(text, start, ignoreCase: false) is > 0 and var contraction)
        {
            return start + contraction;
        }
        var first = text[start] == ' ' ? start + 1 : start;
        var kind = CharClasses.At(text, first);
        if (kind is CharClass.Letter or CharClass.Number)
        {
            return Skip(text, first, kind);
        }
        if (IsSymbol(kind))
        {
            return SkipSymbols(text, first);
        }
        return EndOfSpace(text, start);
    }

    private static void Words(ReadOnlySpan<char> text, int offset, List<int> ends, int numbersMax)
    {
        for (var at = 0; at < text.Length;)
        {
            at = NextWord(text, at, numbersMax);
            ends.Add(offset + at);
        }
    }

    private static int NextWord(ReadOnlySpan<char> text, int start, int numbersMax)
    {
        if (Contraction(text, start, ignoreCase: true) is > 0 and var contraction)
        {
            return start + contraction;
        }
        var kind = CharClasses.At(text, start, out var units);
        if (kind == CharClass.Letter)
        {
            return Skip(text, start, CharClass.Letter);
        }
        if (kind == CharClass.Number)
        {
            var end = start;
            for (var count = 0; count < numbersMax && CharClasses.At(text, end, out units) == CharClass.Number; count++)
            {
                end += units;
            }
            return end;
        }
        if (text[start] is not ('\r' or '\n') && CharClasses.At(text, start + units) == CharClass.Letter)
        {
            return Skip(text, start + units, CharClass.Letter);
        }
        var first = text[start] == ' ' ? start + 1 : start;
        if (IsSymbol(CharClasses.At(text, first)))
        {
            var end = SkipSymbols(text, first);
            while (end < text.Length && text[end] is '\r' or '\n')
            {
                end++;
            }
            return end;
        }
        var afterSpace = Skip(text, start, CharClass.Space);
        var lastBreak = text[start..afterSpace].LastIndexOfAny('\r', '\n');
        return lastBreak >= 0 ? start + lastBreak + 1 : EndOfSpace(text, start);
    }

    /// <summary><c>\s+(?!\S)|\s+</c>: white space before text leaves its last character to the next piece.</summary>
    private static int EndOfSpace(ReadOnlySpan<char> text, int start)
    {
        // Every white-space character is one UTF-16 unit.
        var end = Skip(text, start, CharClass.Space);
        return end < text.Length && end - start > 1 ? end - 1 : end;
    }

    private static int Contraction(ReadOnlySpan<char> text, int start, bool ignoreCase)
    {
        if (text[start] != '\'' || start + 1 >= text.Length)
        {
            return 0;
        }
        var first = Fold(text[start + 1], ignoreCase);
        if (first is 's' or 't' or 'm' or 'd')
        {
            return 2;
        }
        var second = start + 2 < text.Length ? Fold(text[start + 2], ignoreCase) : '\0';
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    private static char Fold(char unit, bool ignoreCase) => ignoreCase && unit is >= 'A' and <= 'Z' ? (char)(unit | 0x20) : unit;

    private static bool IsSymbol(CharClass kind) => kind > CharClass.Space;

    private static bool IsTriple(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');

    private static int Skip(ReadOnlySpan<char> text, int at, CharClass kind)
    {
        while (CharClasses.At(text, at, out var units) == kind)
        {
            at += units;
        }
        return at;
    }

    private static int SkipSymbols(ReadOnlySpan<char> text, int at)
    {
        while (IsSymbol(CharClasses.At(text, at, out var units)))
        {
            at += units;
        }
        return at;
    }

    private static void Runs(ReadOnlySpan<char> text, int offset, List<int> ends, Func<char, CharClass, bool> isInside)
    {
        var wasInside = false;
        for (var at = 0; at < text.Length;)
        {
            var inside = isInside(text[at], CharClasses.At(text, at, out var units));
            if (at > 0 && inside != wasInside)
            {
                ends.Add(offset + at);
            }
            wasInside = inside;
            at += units;
        }
        AddRest(text, offset, 0, ends);
    }

    private static void AddRest(ReadOnlySpan<char> text, int offset, int pending, List<int> ends)
    {
        if (pending < text.Length)
        {
            ends.Add(offset + text.Length);
        }
    }
}
