using Flotilla.Engine.Chat;
using Flotilla.Engine.Forms.Grammars;

namespace Flotilla.Engine.Forms;

/// <summary>The bytes of all tokens as one tree, so that tokens which begin alike are looked at together. Immutable.</summary>
internal sealed class TokenTrie
{
    // Nodes in the order of a walk from the root, the children of each by their byte.
    private readonly Node[] _nodes;
    private readonly int[] _tokens;
    private readonly int[] _ends;
    private readonly int _depthMax;

    /// <param name="visible">What the model's tokens add to an answer; those that add nothing are no part of it.</param>
    public TokenTrie(VisibleTokens visible)
    {
        Visible = visible;
        var all = Enumerable.Range(0, visible.Tokenizer.VocabularySize);
        _ends = [.. all.Where(visible.Tokenizer.IsEndOfGeneration)];
        _tokens = [.. all.Where(id => visible.BytesOf(id).Length > 0 && !visible.Tokenizer.IsEndOfGeneration(id))];
        Array.Sort(_tokens, (x, y) => visible.BytesOf(x).Span.SequenceCompareTo(visible.BytesOf(y).Span));
        _depthMax = _tokens.Length == 0 ? 0 : _tokens.Max(id => visible.BytesOf(id).Length);
        _nodes = Build();
    }

    /// <summary>What the tokens add to an answer.</summary>
    public VisibleTokens Visible { get; }

    /// <summary>Words of 64 bits in a mask, one bit a token.</summary>
    public int MaskWords => (Visible.Tokenizer.VocabularySize + 63) / 64;

    /// <summary>Finds the tokens that the automaton allows in a state, and the ends of generation where it is complete.</summary>
    public ulong[] Mask(Automaton automaton, int state)
    {
        var mask = new ulong[MaskWords];
        if (automaton.IsComplete(state))
        {
            foreach (var end in _ends)
                mask[end >> 6] |= 1UL << end;
        }

        Span<int> states = _depthMax < 1024 ? stackalloc int[_depthMax + 1] : new int[_depthMax + 1];
        states[0] = state;
        for (var at = 0; at < _nodes.Length;)
        {
            var node = _nodes[at];
            var next = automaton.Next(states[node.Depth - 1], node.Byte);
            if (next == Automaton.Dead)
            {
                at = node.AfterAll;
                continue;
            }

            states[node.Depth] = next;
            for (var token = node.FirstToken; token < node.AfterTokens; token++)
                mask[_tokens[token] >> 6] |= 1UL << _tokens[token];
            at++;
        }

        return mask;
    }

    private Node[] Build()
    {
        var (nodes, path) = (new List<Node>(), new List<int>());
        ReadOnlySpan<byte> before = [];
        for (var token = 0; token < _tokens.Length; token++)
        {
            var bytes = Visible.BytesOf(_tokens[token]).Span;
            var common = before.CommonPrefixLength(bytes);
            Close(nodes, path, common);
            for (var depth = common; depth < bytes.Length; depth++)
            {
                path.Add(nodes.Count);
                nodes.Add(new Node(bytes[depth], depth + 1, token, token, 0));
            }

            var last = path[^1];
            nodes[last] = nodes[last] with { AfterTokens = token + 1 };
            before = bytes;
        }

        Close(nodes, path, 0);
        return [.. nodes];
    }

    private static void Close(List<Node> nodes, List<int> path, int depth)
    {
        for (var index = path.Count - 1; index >= depth; index--)
            nodes[path[index]] = nodes[path[index]] with { AfterAll = nodes.Count };
        path.RemoveRange(depth, path.Count - depth);
    }

    /// <param name="Byte">The last byte of the texts that go through here.</param>
    /// <param name="Depth">How many bytes they have so far.</param>
    /// <param name="FirstToken">Place of the first token that ends here.</param>
    /// <param name="AfterTokens">Place after the last one.</param>
    /// <param name="AfterAll">The node after all that begin with the same bytes.</param>
    private readonly record struct Node(byte Byte, int Depth, int FirstToken, int AfterTokens, int AfterAll);
}
