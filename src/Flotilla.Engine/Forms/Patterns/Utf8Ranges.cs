using System.Text;
using Flotilla.Engine.Forms.Grammars;

namespace Flotilla.Engine.Forms.Patterns;

/// <summary>Characters as UTF-8: a range of scalar values becomes sequences of ranges of bytes.</summary>
internal static class Utf8Ranges
{
    /// <summary>One character of the set, beyond ASCII, in UTF-8.</summary>
    public static void AddTo(List<int> branches, GrammarBuilder grammar, CodePointSet set, int next)
    {
        foreach (var (first, last) in set.Within(0x80, 0x10FFFF).Ranges)
            Split(branches, grammar, first, last, next);
    }

    private static void Split(List<int> branches, GrammarBuilder grammar, int first, int last, int next)
    {
        // Of one length first; then so that all bytes but a leading common part go over their whole range.
        foreach (var longest in (ReadOnlySpan<int>)[0x7FF, 0xFFFF])
        {
            if (first <= longest && last > longest)
            {
                Split(branches, grammar, first, longest, next);
                Split(branches, grammar, longest + 1, last, next);
                return;
            }
        }

        for (var low = 0x3F; low < 0x1F_FFFF; low = (low << 6) | 0x3F)
        {
            if ((first & ~low) == (last & ~low))
                break;
            if ((first & low) != 0)
            {
                Split(branches, grammar, first, first | low, next);
                Split(branches, grammar, (first | low) + 1, last, next);
                return;
            }

            if ((last & low) != low)
            {
                Split(branches, grammar, first, (last & ~low) - 1, next);
                Split(branches, grammar, last & ~low, last, next);
                return;
            }
        }

        branches.Add(Sequence(grammar, first, last, next));
    }

    private static int Sequence(GrammarBuilder grammar, int first, int last, int next)
    {
        Span<byte> from = stackalloc byte[4];
        Span<byte> to = stackalloc byte[4];
        var length = new Rune(first).EncodeToUtf8(from);
        new Rune(last).EncodeToUtf8(to);
        for (var index = length - 1; index >= 0; index--)
            next = grammar.Bytes(ByteSet.Range(from[index], to[index]), next);
        return next;
    }
}
