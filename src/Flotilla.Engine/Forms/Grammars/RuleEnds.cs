namespace Flotilla.Engine.Forms.Grammars;

/// <summary>Finds the nodes from which a rule can be completed, from its end backwards: each edge is walked once.</summary>
internal sealed class RuleEnds
{
    private readonly Grammar _grammar;
    private readonly bool _mayRead;

    // The nodes that wait for each node, one list behind another: those of node n stand from _firsts[n] to _firsts[n + 1].
    private readonly int[] _firsts;
    private readonly int[] _waiting;

    /// <param name="grammar">The grammar, of which the nodes are known.</param>
    /// <param name="mayRead">Whether bytes may be read on the way to the end.</param>
    public RuleEnds(Grammar grammar, bool mayRead)
    {
        (_grammar, _mayRead) = (grammar, mayRead);
        _firsts = new int[grammar.NodeCount + 1];
        ForEachEdge((_, to) => _firsts[to + 1]++);
        for (var node = 0; node < grammar.NodeCount; node++)
            _firsts[node + 1] += _firsts[node];
        _waiting = new int[_firsts[^1]];
        var free = _firsts.AsSpan(0, grammar.NodeCount).ToArray();
        ForEachEdge((from, to) => _waiting[free[to]++] = from);
    }

    /// <summary>Edges walked by <see cref="Find"/>.</summary>
    public int Steps { get; private set; }

    /// <summary>Of each node, whether its rule can be completed from there.</summary>
    public bool[] Find()
    {
        var (ends, open) = (new bool[_grammar.NodeCount], new Stack<int>());
        int[] missing = [.. Enumerable.Range(0, ends.Length).Select(node => _grammar.Node(node).Kind == NodeKind.Call ? 2 : 1)];
        for (var node = 0; node < ends.Length; node++)
        {
            // A cut is to be found even where nothing can follow it: the other ways end there all the same.
            ends[node] = node == Grammar.Return || (_mayRead && _grammar.Node(node).Kind == NodeKind.Cut);
            if (ends[node])
                open.Push(node);
        }

        while (open.TryPop(out var node))
        {
            for (var index = _firsts[node]; index < _firsts[node + 1]; index++)
            {
                Steps++;
                var from = _waiting[index];
                if (ends[from] || --missing[from] > 0)
                    continue;
                ends[from] = true;
                open.Push(from);
            }
        }

        return ends;
    }

    /// <summary>From every node to those of which it needs all, or, with branches, one.</summary>
    private void ForEachEdge(Action<int, int> visit)
    {
        for (var index = 0; index < _grammar.NodeCount; index++)
        {
            var node = _grammar.Node(index);
            switch (node.Kind)
            {
                case NodeKind.Bytes when _mayRead && !_grammar.IsEmpty(index):
                    visit(index, node.Next);
                    break;
                case NodeKind.Cut when !_mayRead:
                    visit(index, node.Next);
                    break;
                case NodeKind.Call:
                    visit(index, node.Next);
                    visit(index, _grammar.Entry(node.Argument));
                    break;
                case NodeKind.Either:
                    foreach (var branch in _grammar.Branches(node.Argument))
                        visit(index, branch);
                    break;
            }
        }
    }
}
