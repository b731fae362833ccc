using System.Globalization;

namespace Flotilla.Engine.Tokenization;

/// <summary>
/// The merge table of a BPE vocabulary over symbols. A symbol is a token id, or, from the vocabulary's size upward, a text that
/// merges pass through without its being a token.
/// </summary>
internal sealed class BpeMerges
{
    private readonly Dictionary<ulong, (int Rank, int Symbol)> _merges;
    private readonly int[] _symbolOfByte = new int[256];

    public BpeMerges(Vocabulary vocabulary, IReadOnlyList<string> merges)
    {
        var extra = new Dictionary<string, int>(StringComparer.Ordinal);
        int SymbolOf(string text)
        {
            if (vocabulary.TryGetId(text, out var symbol) || extra.TryGetValue(text, out symbol))
            {
                return symbol;
            }
            extra.Add(text, symbol = checked(vocabulary.Count + extra.Count));
            return symbol;
        }

        for (var value = 0; value < 256; value++)
        {
            _symbolOfByte[value] = SymbolOf(ByteMap.CharOf((byte)value).ToString(CultureInfo.InvariantCulture));
        }
        _merges = new Dictionary<ulong, (int, int)>(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var merge = merges[rank];
            var space = merge.Length > 1 ? merge.IndexOf(' ', 1) : -1;
            if (space < 0 || space == merge.Length - 1)
            {
                throw Vocabulary.Malformed($"tokenizer.ggml.merges[{rank}] is no pair of texts with a space between.");
            }
            var (left, right) = (merge[..space], merge[(space + 1)..]);
            // A pair given twice keeps its first, better rank.
            _merges.TryAdd(Pair(SymbolOf(left), SymbolOf(right)), (rank, SymbolOf(left + right)));
        }
    }

    /// <summary>The symbol that stands for one byte before any merge.</summary>
    public int SymbolOfByte(byte value) => _symbolOfByte[value];

    /// <summary>Whether two neighbours merge, how early, and into what.</summary>
    public bool TryGet(int left, int right, out (int Rank, int Symbol) merge) => _merges.TryGetValue(Pair(left, right), out merge);

    private static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;
}
