namespace Flotilla.Engine.Forms.Grammars;

/// <summary>
/// Finds rules that call themselves before they have read a byte: whoever follows one never ends. In the graph of what follows what without a byte
/// in between, such a call and its rule lie on one circle. Each edge is walked once.
/// </summary>
internal sealed class LeftRecursion
{
    private readonly Grammar _grammar;

    // From which nodes a rule can be completed without a byte: what stands behind its calls is uncovered then.
    private readonly bool[] _empty;

    // Tarjan's: when a node was met, the earliest node that it leads back to, and which circle it is on once that is known.
    private readonly int[] _met;
    private readonly int[] _back;
    private readonly int[] _circle;
    private readonly Stack<int> _undecided = new();
    private readonly Stack<(int Node, int Edge)> _path = new();
    private int _count;

    public LeftRecursion(Grammar grammar)
    {
        var ends = new RuleEnds(grammar, mayRead: false);
        (_grammar, _empty, Steps) = (grammar, ends.Find(), ends.Steps);
        (_met, _back, _circle) = (new int[grammar.NodeCount], new int[grammar.NodeCount], new int[grammar.NodeCount]);
    }

    /// <summary>Edges walked so far.</summary>
    public int Steps { get; private set; }

    /// <exception cref="FormException">There is one.</exception>
    public void Refuse()
    {
        for (var node = 0; node < _grammar.NodeCount; node++)
        {
            if (_met[node] == 0)
                Walk(node);
        }

        for (var index = 0; index < _grammar.NodeCount; index++)
        {
            var node = _grammar.Node(index);
            if (node.Kind == NodeKind.Call && _circle[index] == _circle[_grammar.Entry(node.Argument)])
                throw new FormException("A schema refers to itself without anything in between, so no value could ever be complete.");
        }
    }

    private void Walk(int start)
    {
        Meet(start);
        while (_path.TryPop(out var at))
        {
            if (Edge(at.Node, at.Edge) is not { } next)
            {
                Leave(at.Node);
                continue;
            }

            Steps++;
            _path.Push((at.Node, at.Edge + 1));
            if (_met[next] == 0)
                Meet(next);
            else if (_circle[next] == 0)
                _back[at.Node] = Math.Min(_back[at.Node], _met[next]);
        }
    }

    private void Meet(int node)
    {
        _met[node] = _back[node] = ++_count;
        _undecided.Push(node);
        _path.Push((node, 0));
    }

    private void Leave(int node)
    {
        if (_path.TryPeek(out var before))
            _back[before.Node] = Math.Min(_back[before.Node], _back[node]);
        if (_back[node] != _met[node])
            return;
        int member;
        do
        {
            member = _undecided.Pop();
            _circle[member] = _met[node];
        }
        while (member != node);
    }

    /// <summary>The nodes that may follow one without a byte in between, by their place; null behind the last.</summary>
    private int? Edge(int index, int edge)
    {
        var node = _grammar.Node(index);
        if (node.Kind == NodeKind.Either)
            return edge < _grammar.Branches(node.Argument).Length ? _grammar.Branches(node.Argument)[edge] : null;
        if (node.Kind == NodeKind.Cut)
            return edge == 0 ? node.Next : null;
        if (node.Kind != NodeKind.Call)
            return null;
        var entry = _grammar.Entry(node.Argument);
        return edge == 0 ? entry : edge == 1 && _empty[entry] ? node.Next : null;
    }
}
