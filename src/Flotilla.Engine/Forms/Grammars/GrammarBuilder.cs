using System.Text;

namespace Flotilla.Engine.Forms.Grammars;

/// <summary>
/// Builds a grammar from its end: every part is given the node that follows it and returns the node at which it begins.
/// </summary>
internal sealed class GrammarBuilder
{
    private const int Dead = 1;

    private readonly List<GrammarNode> _nodes = [new GrammarNode(NodeKind.Return, 0, 0), new GrammarNode(NodeKind.Either, 0, 0)];
    private readonly List<int[]> _branches = [[]];
    private readonly List<ByteSet> _sets = [];
    private readonly Dictionary<ByteSet, int> _setIds = [];
    private readonly List<int> _entries = [];
    private int _branchCount;

    /// <summary>A rule that is called before it is known; until then it allows nothing.</summary>
    public int NewRule()
    {
        if (_entries.Count == TextLimits.FormRulesMax)
            throw new FormException($"The form has more than {TextLimits.FormRulesMax} parts.");
        _entries.Add(Dead);
        return _entries.Count - 1;
    }

    /// <summary>A rule that begins at a node.</summary>
    public int NewRule(int entry)
    {
        var rule = NewRule();
        Define(rule, entry);
        return rule;
    }

    public void Define(int rule, int entry) => _entries[rule] = entry;

    /// <summary>One byte of the set.</summary>
    public int Bytes(ByteSet set, int next)
    {
        if (!_setIds.TryGetValue(set, out var id))
        {
            id = _sets.Count;
            _sets.Add(set);
            _setIds.Add(set, id);
        }

        return Add(new GrammarNode(NodeKind.Bytes, id, next));
    }

    /// <summary>Exactly this text.</summary>
    public int Text(string text, int next)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var index = bytes.Length - 1; index >= 0; index--)
            next = Bytes(ByteSet.Of(bytes[index]), next);
        return next;
    }

    /// <summary>What the rule allows.</summary>
    public int Call(int rule, int next) => Add(new GrammarNode(NodeKind.Call, rule, next));

    /// <summary>One of the branches; with none of them, nothing at all.</summary>
    public int Either(params ReadOnlySpan<int> branches)
    {
        if (branches.Length < 2)
            return branches.Length == 0 ? Dead : branches[0];
        var either = Open();
        Close(either, branches);
        return either;
    }

    /// <summary>A node that others refer to before its branches are known.</summary>
    public int Open()
    {
        _branches.Add([]);
        return Add(new GrammarNode(NodeKind.Either, _branches.Count - 1, 0));
    }

    /// <summary>Gives such a node its branches.</summary>
    public void Close(int open, params ReadOnlySpan<int> branches)
    {
        _branchCount += branches.Length;
        if (_branchCount > TextLimits.FormBranchesMax)
            throw new FormException($"The form is too large: its choices together have more than {TextLimits.FormBranchesMax} branches.");
        _branches[_nodes[open].Argument] = branches.ToArray();
    }

    /// <summary>
    /// What follows, and nothing else: whoever gets here has no other way to read the text any more. So one way can take a text from
    /// another that takes any. Not within a rule that is called.
    /// </summary>
    public int Cut(int next) => Add(new GrammarNode(NodeKind.Cut, 0, next));

    /// <summary>The part or nothing.</summary>
    public int Maybe(Func<int, int> part, int next) => Either(part(next), next);

    /// <summary>The part any number of times.</summary>
    public int Loop(Func<int, int> part, int next)
    {
        var loop = Open();
        Close(loop, part(loop), next);
        return loop;
    }

    /// <summary>The part as often as the bounds say; no greatest number where it is null.</summary>
    public int Repeat(Func<int, int> part, int min, int? max, int next)
    {
        var entry = max is null ? Loop(part, next) : next;
        for (var count = max ?? 0; count > min; count--)
            entry = Either(part(entry), next);
        for (var count = 0; count < min; count++)
        {
            var more = part(entry);
            // Nothing, however often: who counts nested nothings never ends.
            if (more == entry)
                break;
            entry = more;
        }

        return entry;
    }

    /// <summary>The grammar that begins with a rule.</summary>
    /// <exception cref="FormException">A rule calls itself before it reads anything.</exception>
    public Grammar Build(int rule) => new([.. _nodes], [.. _branches], [.. _sets], [.. _entries], rule);

    private int Add(GrammarNode node)
    {
        if (_nodes.Count == TextLimits.FormNodesMax)
            throw new FormException($"The form is too large: counts, patterns and lists together need more than {TextLimits.FormNodesMax} states.");
        _nodes.Add(node);
        return _nodes.Count - 1;
    }
}
