using System.Globalization;
using System.Text;
using Flotilla.Engine.Tokenization;
using Flotilla.Testing.Models;

namespace Flotilla.Engine.Tests.Tokenization;

/// <summary>Vocabularies of every kind, learnt from a corpus: the most frequent neighbours are joined, again and again.</summary>
internal sealed class VocabularyTrainer
{
    private const char Space = '▁';

    private static readonly string[] s_specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>", "👍🏽"];
    private static readonly int[] s_specialTypes = [3, 3, 3, 4, 4, 4];

    private readonly int _merges;
    private readonly Dictionary<string, int> _words;
    private readonly Lazy<List<(string Left, string Right, int Count)>> _learnt;
    private readonly Lazy<List<(string Left, string Right, int Count)>> _learntOfBytes;

    /// <param name="seed">The corpus's.</param>
    /// <param name="bytes">How much of it.</param>
    /// <param name="merges">How often neighbours are joined.</param>
    public VocabularyTrainer(int seed, int bytes, int merges)
    {
        _merges = merges;
        _words = Words(new Corpus(seed).Texts(bytes));
        _learnt = new(() => Learn(_words));
        _learntOfBytes = new(() => Learn(
            _words.GroupBy(word => string.Concat(Encoding.UTF8.GetBytes(word.Key.Replace(Space, ' ')).Select(ByteMap.CharOf))).ToDictionary(g => g.Key, g => g.Sum(w => w.Value))));
    }

    /// <summary>Byte-level BPE with all bytes.</summary>
    public SyntheticTokenizer ByteLevel(string? pre)
    {
        var learnt = _learntOfBytes.Value;
        string[] tokens = [.. Enumerable.Range(0, 256).Select(value => ByteMap.CharOf((byte)value).ToString()), .. learnt.Select(pair => pair.Left + pair.Right).Distinct()];
        return WithSpecials("gpt2", [.. tokens.Distinct()], null) with
        {
            Pre = pre,
            Merges = [.. learnt.Select(pair => $"{pair.Left} {pair.Right}")],
        };
    }

    /// <summary>SentencePiece BPE with tokens for bytes.</summary>
    public SyntheticTokenizer SentencePiece()
    {
        var pieces = Pieces();
        string[] tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>")), .. pieces.Keys];
        return WithSpecials("llama", tokens, [.. new float[259], .. pieces.Values.Select((_, rank) => -(float)rank)], [2, 3, 3, .. Enumerable.Repeat(6, 256)]) with
        {
            Extra = new Dictionary<string, object> { ["bos_token_id"] = 1, ["eos_token_id"] = 2, ["unknown_token_id"] = 0 },
        };
    }

    /// <summary>Unigram as XLM-R has it, with a map of characters.</summary>
    public SyntheticTokenizer Unigram(params (string Key, object Value)[] extra)
    {
        var pieces = Pieces();
        var all = (double)pieces.Values.Sum();
        string[] tokens = ["<s>", "<pad>", "</s>", "<unk>", .. pieces.Keys];
        var entries = new Dictionary<string, object>
        {
            ["bos_token_id"] = 0, ["eos_token_id"] = 2, ["unknown_token_id"] = 3, ["seperator_token_id"] = 2, ["add_bos_token"] = true, ["add_eos_token"] = true,
            ["precompiled_charsmap"] = CharacterMapWriter.Write(),
        };
        foreach (var (key, value) in extra)
            entries[key] = value;
        return WithSpecials("t5", tokens, [0, 0, 0, 0, .. pieces.Values.Select(count => (float)Math.Log(count / all))], [3, 3, 3, 2]) with { Extra = entries };
    }

    /// <summary>WordPiece of lower-case words, or of words as they are.</summary>
    public SyntheticTokenizer WordPiece(params (string Key, object Value)[] extra)
    {
        var pieces = Pieces().Keys.Where(piece => piece.Length > 1 || piece[0] != Space);
        string[] plain = [.. pieces.SelectMany(piece => (string[])[piece, piece.ToLowerInvariant(), Space + piece.TrimStart(Space)]).Distinct()];
        var entries = new Dictionary<string, object> { ["bos_token_id"] = 2, ["seperator_token_id"] = 3, ["unknown_token_id"] = 1, ["padding_token_id"] = 0 };
        foreach (var (key, value) in extra)
            entries[key] = value;
        return WithSpecials("bert", ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. plain], null, [3, 3, 3, 3, 3]) with { Extra = entries };
    }

    private static SyntheticTokenizer WithSpecials(string model, string[] tokens, float[]? scores, int[]? firstTypes = null) => new()
    {
        Model = model,
        Tokens = [.. tokens.Except(s_specials), .. s_specials],
        Types = [.. firstTypes ?? [], .. Enumerable.Repeat(1, tokens.Except(s_specials).Count() - (firstTypes?.Length ?? 0)), .. s_specialTypes],
        Scores = scores is null ? null : [.. scores, .. new float[s_specials.Length]],
        Extra = new Dictionary<string, object> { ["eos_token_id"] = tokens.Length + 2, ["bos_token_id"] = tokens.Length },
    };

    /// <summary>Characters and joined pieces with how often they stand in the corpus.</summary>
    private Dictionary<string, int> Pieces()
    {
        var pieces = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (word, count) in _words)
        {
            foreach (var rune in word.EnumerateRunes())
                pieces[rune.ToString()] = pieces.GetValueOrDefault(rune.ToString()) + count;
        }

        // The rarest characters stay unknown.
        foreach (var rare in pieces.Where(pair => pair.Value < 4 || pair.Key[0] < ' ').Select(pair => pair.Key).ToArray())
            pieces.Remove(rare);
        foreach (var (left, right, count) in _learnt.Value)
            pieces.TryAdd(left + right, count);
        foreach (var special in s_specials)
            pieces.Remove(special);
        return pieces;
    }

    private static Dictionary<string, int> Words(IEnumerable<string> texts)
    {
        var words = new Dictionary<string, int>(StringComparer.Ordinal) { ["    "] = 9000, ["\n\n"] = 9000, ["\t\t"] = 9000, ["▁▁▁▁"] = 9000, ["aaaaaaaa"] = 9000 };
        foreach (var text in texts)
        {
            // Halves of surrogate pairs are no text of a vocabulary.
            foreach (var word in Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Split([' ', '\n', '\t', '\r', '\0']))
            {
                if (word.Length is > 0 and < 24)
                    words[Space + word] = words.GetValueOrDefault(Space + word) + 1;
            }
        }

        return words;
    }

    private List<(string Left, string Right, int Count)> Learn(Dictionary<string, int> words)
    {
        var texts = words.OrderBy(word => word.Key, StringComparer.Ordinal)
            .Select(word => (Symbols: word.Key.EnumerateRunes().Select(rune => rune.ToString()).ToList(), Count: word.Value)).ToArray();
        var learnt = new List<(string, string, int)>();
        while (learnt.Count < _merges)
        {
            var counts = new Dictionary<(string, string), int>();
            foreach (var (symbols, count) in texts)
            {
                for (var at = 0; at + 1 < symbols.Count; at++)
                    counts[(symbols[at], symbols[at + 1])] = counts.GetValueOrDefault((symbols[at], symbols[at + 1])) + count;
            }

            var ((left, right), most) = counts.MaxBy(pair => pair.Value);
            learnt.Add((left, right, most));
            foreach (var (symbols, _) in texts)
                Join(symbols, left, right);
        }

        return learnt;
    }

    private static void Join(List<string> symbols, string left, string right)
    {
        for (var at = 0; at + 1 < symbols.Count; at++)
        {
            if (symbols[at] == left && symbols[at + 1] == right)
            {
                symbols[at] = left + right;
                symbols.RemoveAt(at + 1);
            }
        }
    }
}
