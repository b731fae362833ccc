using System.Globalization;
using Flotilla.Engine.Forms.Grammars;

namespace Flotilla.Engine.Forms.Patterns;

/// <summary>Patterns as parts of a grammar: the texts that they match, as they stand inside a JSON string.</summary>
internal sealed class PatternRules(GrammarBuilder grammar)
{
    private readonly Dictionary<string, int> _characters = [];

    // The same, by the set itself: a part that is repeated asks a thousand times, and a set's name may be long.
    private readonly Dictionary<CodePointSet, int> _asked = new(ReferenceEqualityComparer.Instance);

    // What is counted inside what is counted is asked for as often as both together.
    private readonly Dictionary<Pattern, Func<int, int>> _repeated = new(ReferenceEqualityComparer.Instance);

    /// <summary>Texts in which the pattern is found: everything may stand before and behind what it does not anchor.</summary>
    public int Search(string pattern, int next)
    {
        var (parts, open) = (new List<int>(), new List<Pattern>());
        open.Add(PatternParser.Parse(pattern));
        while (open.Count > 0)
        {
            var one = open[^1];
            open.RemoveAt(open.Count - 1);
            while (one is Pattern.Sequence { Parts: [var only] })
                one = only;
            if (one is Pattern.Alternatives several)
                open.AddRange(several.Parts.Reverse());
            else
                parts.Add(Branch(one, next));
        }

        return grammar.Either([.. parts]);
    }

    /// <summary>One character of a set, escaped where JSON wants it.</summary>
    public int Character(CodePointSet set, int next)
    {
        if (!_asked.TryGetValue(set, out var rule))
            _asked.Add(set, rule = RuleOf(set));
        return grammar.Call(rule, next);
    }

    private int RuleOf(CodePointSet set)
    {
        var key = string.Join(',', set.Ranges);
        if (!_characters.TryGetValue(key, out var rule))
            _characters.Add(key, rule = grammar.NewRule(Spelled(set)));
        return rule;
    }

    private int Branch(Pattern branch, int next)
    {
        List<Pattern> parts = branch is Pattern.Sequence sequence ? [.. sequence.Parts] : [branch];
        var (starts, ends) = (parts is [Pattern.Anchor { IsStart: true }, ..], parts is [.., Pattern.Anchor { IsStart: false }]);
        parts = parts[(starts ? 1 : 0)..Math.Max(parts.Count - (ends ? 1 : 0), starts ? 1 : 0)];
        var entry = ends ? next : Anything(next);
        for (var index = parts.Count - 1; index >= 0; index--)
            entry = Part(parts[index], entry);
        return starts ? entry : Anything(entry);
    }

    private int Anything(int next) => grammar.Loop(loop => Character(CodePointSet.All, loop), next);

    private int Part(Pattern pattern, int next)
    {
        switch (pattern)
        {
            case Pattern.Character character:
                return Character(character.Set, next);
            case Pattern.Sequence sequence:
                for (var index = sequence.Parts.Count - 1; index >= 0; index--)
                    next = Part(sequence.Parts[index], next);
                return next;
            case Pattern.Alternatives several:
                return AnyOf(several.Parts, next);
            case Pattern.Repeated repeated:
                return grammar.Repeat(PartOf(repeated.Part), repeated.Min, repeated.Max, next);
            default:
                throw new FormException("The pattern has '^' or '$' in its middle, which answers cannot be held to.");
        }
    }

    private int AnyOf(IReadOnlyList<Pattern> parts, int next) => grammar.Either([.. parts.Select(part => Part(part, next))]);

    private Func<int, int> PartOf(Pattern pattern)
    {
        if (!_repeated.TryGetValue(pattern, out var part))
            _repeated.Add(pattern, part = end => Part(pattern, end));
        return part;
    }

    private int Spelled(CodePointSet set)
    {
        var (plain, branches) = (default(ByteSet), new List<int>());
        foreach (var (first, last) in set.Within(0, 0x7F).Ranges)
        {
            for (var value = first; value <= last; value++)
            {
                if (EscapeOf(value) is { } escape)
                    branches.Add(grammar.Text(escape, Grammar.Return));
                else
                    plain |= ByteSet.Of((byte)value);
            }
        }

        if (!plain.IsEmpty)
            branches.Add(grammar.Bytes(plain, Grammar.Return));
        Utf8Ranges.AddTo(branches, grammar, set, Grammar.Return);
        return grammar.Either([.. branches]);
    }

    /// <summary>How JSON writes a character that may not stand in a string as it is; null for all others.</summary>
    private static string? EscapeOf(int value) => value switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        < ' ' => "\\u" + value.ToString("x4", CultureInfo.InvariantCulture),
        _ => null,
    };
}
