using System.Buffers.Binary;
using System.Text;

namespace Flotilla.Engine.Tests.Tokenization;

/// <summary>Writes a map of characters in SentencePiece's form: a double array of the keys' bytes, then the texts.</summary>
internal static class CharacterMapWriter
{
    private static readonly (string Key, string Text)[] s_usual =
    [
        ("\u00a0", " "), ("\u3000", " "), ("\t", " "), ("\n", " "), ("\r\n", " "), ("\u0085", " "), ("\u200b", ""), ("\u00ad", ""), ("\ufeff", ""), ("ﬁ", "fi"), ("Å", "Å"),
        ("e\u0301", "é"), ("o\u0308", "ö"), ("o\u0308\u0304", "ȫ"), ("n\u0303", "ñ"), ("½", "1/2"), ("²", "2"), ("Ⅷ", "VIII"), ("①", "1"), ("㍿", "株式会社"), ("ｶ", "カ"), ("ｶﾞ", "ガ"),
        ("ﷺ", "صلى الله عليه وسلم"), ("…", "..."), ("！", "!"), ("：", ":"), ("（", "("), ("𝔘", "U"), ("𝟙", "1"), ("豈", "豈"), ("\u1100\u1161", "가"), ("▁", "_ "), ("\u2028", " "),
    ];

    /// <summary>Some of what NFKC replaces.</summary>
    public static byte[] Write() => Write(s_usual);

    /// <summary>Any replacements.</summary>
    public static byte[] Write(IReadOnlyCollection<(string Key, string Text)> entries)
    {
        var texts = new List<byte>();
        var root = new Node();
        foreach (var (key, text) in entries)
        {
            var node = root;
            foreach (var value in Encoding.UTF8.GetBytes(key))
                node = node.Children.TryGetValue(value, out var child) ? child : node.Children[value] = new Node();
            node.Text = texts.Count;
            texts.AddRange([.. Encoding.UTF8.GetBytes(text), 0]);
        }

        var units = new Dictionary<int, uint> { [0] = 0 };
        Place(root, 0, units, []);
        var array = new byte[(units.Keys.Max() | 0xFF) * sizeof(uint) + sizeof(uint)];
        foreach (var (place, unit) in units)
            BinaryPrimitives.WriteUInt32LittleEndian(array.AsSpan(place * sizeof(uint)), unit);
        var length = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)array.Length);
        return [.. length, .. array, .. texts];
    }

    /// <summary>Finds places for a node's children that are all free, and tells the node where. Two nodes of one start would have the same children.</summary>
    private static void Place(Node node, int at, Dictionary<int, uint> units, HashSet<int> starts)
    {
        byte[] labels = node.Text >= 0 ? [0, .. node.Children.Keys] : [.. node.Children.Keys];
        var start = 1;
        while (starts.Contains(start) || labels.Any(label => units.ContainsKey(start ^ label)))
            start++;
        starts.Add(start);
        units[at] |= ((uint)(at ^ start) << 10) | (node.Text >= 0 ? 1u << 8 : 0);
        if (node.Text >= 0)
            units[start] = (1u << 31) | (uint)node.Text;
        foreach (var label in node.Children.Keys)
            units[start ^ label] = label;
        foreach (var (label, child) in node.Children)
            Place(child, start ^ label, units, starts);
    }

    private sealed class Node
    {
        public SortedDictionary<byte, Node> Children { get; } = [];

        public int Text { get; set; } = -1;
    }
}
