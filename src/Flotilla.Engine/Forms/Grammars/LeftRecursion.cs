namespace Flotilla.Engine.Forms.Grammars;

/// <summary>Finds rules that call themselves before they have read a byte: whoever follows one never ends.</summary>
internal sealed class LeftRecursion(Grammar grammar, int rules)
{
    private readonly Stack<int> _open = [];

    // In which exploration a node was seen last: thousands of rules are explored, and a set for each would cost more than the grammar.
    private readonly int[] _seen = new int[grammar.NodeCount];
    private int _explorations;
    private readonly bool[] _empty = new bool[rules];
    private readonly HashSet<int>[] _calls = [.. Enumerable.Range(0, rules).Select(_ => new HashSet<int>())];

    /// <exception cref="FormException">There is one.</exception>
    public void Refuse()
    {
        // A rule that may be empty uncovers what stands behind its calls, which may make another one empty.
        for (var changed = true; changed;)
        {
            changed = false;
            for (var rule = 0; rule < rules; rule++)
                changed |= Explore(rule);
        }

        var callers = new int[rules];
        foreach (var callee in _calls.SelectMany(c => c))
            callers[callee]++;
        var free = new Stack<int>(Enumerable.Range(0, rules).Where(r => callers[r] == 0));
        var left = rules;
        while (free.TryPop(out var rule))
        {
            left--;
            foreach (var callee in _calls[rule])
            {
                if (--callers[callee] == 0)
                    free.Push(callee);
            }
        }

        if (left > 0)
            throw new FormException("A schema refers to itself without anything in between, so no value could ever be complete.");
    }

    /// <summary>Whether something new was learnt of the rule.</summary>
    private bool Explore(int rule)
    {
        var changed = false;
        _explorations++;
        _open.Push(grammar.Entry(rule));
        while (_open.TryPop(out var at))
        {
            if (_seen[at] == _explorations)
                continue;
            _seen[at] = _explorations;
            var node = grammar.Node(at);
            switch (node.Kind)
            {
                case NodeKind.Return:
                    changed |= !_empty[rule];
                    _empty[rule] = true;
                    break;
                case NodeKind.Either:
                    foreach (var branch in grammar.Branches(node.Argument))
                        _open.Push(branch);
                    break;
                case NodeKind.Cut:
                    _open.Push(node.Next);
                    break;
                case NodeKind.Call:
                    changed |= _calls[rule].Add(node.Argument);
                    if (_empty[node.Argument])
                        _open.Push(node.Next);
                    break;
            }
        }

        return changed;
    }
}
