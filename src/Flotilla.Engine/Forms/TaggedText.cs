using Flotilla.Engine.Forms.Grammars;

namespace Flotilla.Engine.Forms;

/// <summary>Any text up to a tag as part of a grammar.</summary>
internal static class TaggedText
{
    /// <summary>Text in which the tag does not stand, then the tag and what follows it.</summary>
    /// <param name="grammar">Where it is built.</param>
    /// <param name="tag">The tag, in ASCII.</param>
    /// <param name="next">What follows the tag.</param>
    /// <param name="mayEnd">Whether the rule may also end without the tag.</param>
    public static int Until(GrammarBuilder grammar, string tag, int next, bool mayEnd)
    {
        // One node for each beginning of the tag that the text may end with.
        var nodes = tag.Select(_ => grammar.Open()).ToArray();
        for (var length = 0; length < tag.Length; length++)
        {
            var targets = new SortedDictionary<int, ByteSet>();
            for (var value = 0; value < 256; value++)
            {
                var reached = Longest(tag, tag[..length] + (char)value);
                targets[reached] = targets.GetValueOrDefault(reached) | ByteSet.Of((byte)value);
            }

            var branches = targets.Select(t => grammar.Bytes(t.Value, t.Key == tag.Length ? next : nodes[t.Key]));
            grammar.Close(nodes[length], mayEnd ? [.. branches, Grammar.Return] : [.. branches]);
        }

        return nodes[0];
    }

    /// <summary>How much of the tag the text ends with.</summary>
    private static int Longest(string tag, string text)
    {
        var length = Math.Min(tag.Length, text.Length);
        while (!text.EndsWith(tag[..length], StringComparison.Ordinal))
            length--;
        return length;
    }
}
