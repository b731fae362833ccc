namespace Flotilla.Engine.Tokenization;

/// <summary>Texts as bytes in a tree, each with a value; a node's children lie together, by their byte. Immutable.</summary>
internal sealed class ByteTrie
{
    /// <summary>The node of the empty text.</summary>
    public const int Root = 0;

    private readonly byte[] _labels;
    private readonly int[] _firstChildren;
    private readonly int[] _values;

    /// <param name="texts">Different texts, none of them empty, with values of 0 or more.</param>
    public ByteTrie(IEnumerable<(ReadOnlyMemory<byte> Text, int Value)> texts)
    {
        var sorted = texts.ToArray();
        Array.Sort(sorted, (x, y) => x.Text.Span.SequenceCompareTo(y.Text.Span));
        var (labels, firstChildren, values) = (new List<byte> { 0 }, new List<int>(), new List<int>());
        // Level by level, so that children come one behind the other. Of each node, which texts go through it.
        var ranges = new Queue<(int First, int Last, int Depth)>([(0, sorted.Length, 0)]);
        while (ranges.TryDequeue(out var range))
        {
            var (first, last, depth) = range;
            var ends = first < last && sorted[first].Text.Length == depth;
            values.Add(ends ? sorted[first].Value : -1);
            firstChildren.Add(labels.Count);
            for (var begin = ends ? first + 1 : first; begin < last;)
            {
                var label = sorted[begin].Text.Span[depth];
                var end = begin + 1;
                while (end < last && sorted[end].Text.Span[depth] == label)
                    end++;
                labels.Add(label);
                ranges.Enqueue((begin, end, depth + 1));
                begin = end;
            }
        }

        firstChildren.Add(labels.Count);
        (_labels, _firstChildren, _values) = ([.. labels], [.. firstChildren], [.. values]);
    }

    /// <summary>The node that one more byte leads to, or -1.</summary>
    public int Child(int node, byte label)
    {
        var first = _firstChildren[node];
        var found = _labels.AsSpan(first, _firstChildren[node + 1] - first).BinarySearch(label);
        return found < 0 ? -1 : first + found;
    }

    /// <summary>The value of the text that ends at a node, or -1 where none does.</summary>
    public int ValueAt(int node) => _values[node];

    /// <summary>The longest text that <paramref name="bytes"/> begin with: its length, or 0, and its value.</summary>
    public (int Length, int Value) LongestAt(ReadOnlySpan<byte> bytes)
    {
        var (node, best) = (Root, (Length: 0, Value: -1));
        for (var at = 0; at < bytes.Length && (node = Child(node, bytes[at])) >= 0; at++)
        {
            if (_values[node] >= 0)
                best = (at + 1, _values[node]);
        }

        return best;
    }

    /// <summary>How many of the first bytes begin some text.</summary>
    public int PrefixAt(ReadOnlySpan<byte> bytes)
    {
        var (node, at) = (Root, 0);
        while (at < bytes.Length && (node = Child(node, bytes[at])) >= 0)
            at++;
        return at;
    }
}
