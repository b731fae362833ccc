namespace Flotilla.Engine.Forms.Patterns;

/// <summary>A set of Unicode scalar values: ranges in order, none touching another. Surrogates are never in it.</summary>
internal sealed class CodePointSet
{
    private const int Last = 0x10FFFF;

    private CodePointSet(IReadOnlyList<(int First, int Last)> ranges) => Ranges = ranges;

    /// <summary>Every character.</summary>
    public static CodePointSet All { get; } = Of((0, Last));

    /// <summary>Digits 0 to 9.</summary>
    public static CodePointSet Digits { get; } = Of(('0', '9'));

    /// <summary>ASCII letters, digits and the underscore.</summary>
    public static CodePointSet WordCharacters { get; } = Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    /// <summary>White space as ECMAScript counts it.</summary>
    public static CodePointSet WhiteSpace { get; } = Of(
        ('\t', '\r'), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    /// <summary>What ends a line.</summary>
    public static CodePointSet LineEnds { get; } = Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029));

    /// <summary>All but digits.</summary>
    public static CodePointSet NoDigits { get; } = Digits.Complement();

    /// <summary>All but ASCII letters, digits and the underscore.</summary>
    public static CodePointSet NoWordCharacters { get; } = WordCharacters.Complement();

    /// <summary>All but white space.</summary>
    public static CodePointSet NoWhiteSpace { get; } = WhiteSpace.Complement();

    /// <summary>All but what ends a line.</summary>
    public static CodePointSet NoLineEnds { get; } = LineEnds.Complement();

    public IReadOnlyList<(int First, int Last)> Ranges { get; }

    public bool IsEmpty => Ranges.Count == 0;

    /// <summary>One character, which is no surrogate.</summary>
    public static CodePointSet Single(int value) => new([(value, value)]);

    /// <summary>The set of all values in the ranges, which may be in any order and overlap.</summary>
    public static CodePointSet Of(params IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach (var (first, last) in ranges.SelectMany(WithoutSurrogates).Order())
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            else
                merged.Add((first, last));
        }

        return new CodePointSet(merged);
    }

    public CodePointSet Complement()
    {
        var (gaps, from) = (new List<(int, int)>(), 0);
        foreach (var (first, last) in Ranges)
        {
            if (first > from)
                gaps.Add((from, first - 1));
            from = last + 1;
        }

        if (from <= Last)
            gaps.Add((from, Last));
        return Of(gaps);
    }

    /// <summary>What is in both this set and the range.</summary>
    public CodePointSet Within(int first, int last) =>
        Of(Ranges.Where(r => r.First <= last && r.Last >= first).Select(r => (Math.Max(r.First, first), Math.Min(r.Last, last))));

    private static IEnumerable<(int First, int Last)> WithoutSurrogates((int First, int Last) range)
    {
        if (range.First < 0xD800 && range.Last >= 0xD800)
            yield return (range.First, 0xD7FF);
        else if (range.Last < 0xD800)
            yield return range;
        if (range.Last > 0xDFFF)
            yield return (Math.Max(range.First, 0xE000), range.Last);
    }
}
