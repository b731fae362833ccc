namespace Flotilla.Engine.Forms.Grammars;

/// <summary>
/// Which byte strings are allowed: rules that call each other, each a graph of nodes. Immutable. No rule can come back to itself
/// before a byte is read, so following one always ends.
/// </summary>
internal sealed class Grammar
{
    /// <summary>The node at which every rule ends.</summary>
    public const int Return = 0;

    private readonly GrammarNode[] _nodes;
    private readonly int[][] _branches;
    private readonly ByteSet[] _sets;
    private readonly int[] _entries;
    private readonly byte[] _classes = new byte[256];
    private readonly bool[] _leadsOn;

    public Grammar(GrammarNode[] nodes, int[][] branches, ByteSet[] sets, int[] entries, int rule)
    {
        (_nodes, _branches, _sets, _entries, Start) = (nodes, branches, sets, entries, entries[rule]);
        new LeftRecursion(this).Refuse();
        ClassCount = FindClasses();
        _leadsOn = new RuleEnds(this, mayRead: true).Find();
        if (!_leadsOn[Start])
            throw new FormException("The schema contradicts itself: no value can satisfy it.");
    }

    /// <summary>The node at which reading begins.</summary>
    public int Start { get; }

    /// <summary>How many classes of bytes there are that no node tells apart.</summary>
    public int ClassCount { get; }

    /// <summary>How many nodes there are.</summary>
    public int NodeCount => _nodes.Length;

    public GrammarNode Node(int index) => _nodes[index];

    public int[] Branches(int index) => _branches[index];

    public int Entry(int rule) => _entries[rule];

    /// <summary>The class of a byte.</summary>
    public int ClassOf(byte value) => _classes[value];

    /// <summary>Whether a node of kind <see cref="NodeKind.Bytes"/> takes the byte.</summary>
    public bool Takes(int node, byte value) => _sets[_nodes[node].Argument].Contains(value);

    /// <summary>Whether a node of kind <see cref="NodeKind.Bytes"/> takes no byte at all.</summary>
    public bool IsEmpty(int node) => _sets[_nodes[node].Argument].IsEmpty;

    /// <summary>Whether its rule can be completed from the node; no text may lead to one of the others.</summary>
    public bool LeadsOn(int node) => _leadsOn[node];

    private int FindClasses()
    {
        List<ByteSet> classes = [ByteSet.All];
        foreach (var set in _sets)
        {
            for (var index = classes.Count - 1; index >= 0; index--)
            {
                var (inside, outside) = (classes[index] & set, classes[index] & ~set);
                if (inside.IsEmpty || outside.IsEmpty)
                    continue;
                classes[index] = inside;
                classes.Add(outside);
            }
        }

        for (var index = 0; index < classes.Count; index++)
        {
            for (var value = 0; value < 256; value++)
            {
                if (classes[index].Contains((byte)value))
                    _classes[value] = (byte)index;
            }
        }

        return classes.Count;
    }
}
