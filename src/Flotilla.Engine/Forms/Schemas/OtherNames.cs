using Flotilla.Engine.Forms.Grammars;

namespace Flotilla.Engine.Forms.Schemas;

/// <summary>Names of properties that are none of a list: a tree of the list's names, left as soon as a character differs.</summary>
internal sealed class OtherNames(GrammarBuilder grammar, JsonRules json, ObjectStyle style)
{
    private static readonly ByteSet s_plain = ByteSet.Range(' ', 0x7F) & ~(ByteSet.Of((byte)'"') | ByteSet.Of((byte)'\\'));

    private readonly ByteSet _units = style == ObjectStyle.Json ? s_plain : JsonRules.InWord;

    /// <summary>The rule for a name, quoted where the style quotes names, that is none of these.</summary>
    public int RuleFor(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return grammar.NewRule(style == ObjectStyle.Json ? json.AnyText(Grammar.Return) : json.AnyWord(Grammar.Return));
        // Names with characters beyond plain ASCII are kept apart by their beginnings: nothing that begins so is allowed.
        var root = new Branch();
        foreach (var name in names)
            root.Add(name, _units);
        var quote = style == ObjectStyle.Json ? "\"" : "";
        var close = grammar.Text(quote, Grammar.Return);
        var free = grammar.Loop(next => grammar.Bytes(_units, next), close);
        return grammar.NewRule(grammar.Text(quote, Entry(root, free, close)));
    }

    private int Entry(Branch root, int free, int close)
    {
        // Children first, without recursion: names may be long.
        var order = new List<Branch> { root };
        for (var index = 0; index < order.Count; index++)
            order.AddRange(order[index].Children.Values);
        for (var index = order.Count - 1; index >= 0; index--)
        {
            // A word begins with no digit, and is not empty.
            var isWord = index == 0 && style != ObjectStyle.Json;
            var (branch, branches, others) = (order[index], new List<int>(), isWord ? JsonRules.AtWord : _units);
            foreach (var (value, child) in branch.Children)
            {
                others &= ~ByteSet.Of(value);
                branches.Add(grammar.Bytes(ByteSet.Of(value), child.Node));
            }

            branches.Add(grammar.Bytes(others, free));
            if (!branch.IsName && !isWord)
                branches.Add(close);
            branch.Node = grammar.Either([.. branches]);
        }

        return root.Node;
    }

    private sealed class Branch
    {
        public SortedDictionary<byte, Branch> Children { get; } = [];

        public bool IsName { get; private set; }

        public int Node { get; set; }

        public void Add(string name, ByteSet units)
        {
            var at = this;
            foreach (var unit in name)
            {
                // No name with such a character is ever written, so it needs no place.
                if (unit > 0x7F || !units.Contains((byte)unit))
                    return;
                if (!at.Children.TryGetValue((byte)unit, out var child))
                    at.Children.Add((byte)unit, child = new Branch());
                at = child;
            }

            at.IsName = true;
        }
    }
}
