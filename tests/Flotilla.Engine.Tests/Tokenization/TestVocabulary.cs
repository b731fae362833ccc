using System.Globalization;
using System.Text;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Tests.Tokenization;

/// <summary>Small vocabularies whose every part is in sight.</summary>
internal static class TestVocabulary
{
    private static readonly string[] s_words =
    [
        " the", " and", "ing", "ed", "er", " hello", " world", "Hello", "12", "123", "  ", "    ", "\n\n", "日本語", " é", "'s", "'ll",
        "!!", "!!!", " ==", " don", " t", "\t\t", " 😀", "٣٤", " \n", "\r\n", "user",
    ];

    /// <summary>All bytes, the words above built up from their beginnings, and five special tokens at the end.</summary>
    public static TokenizerSource ByteLevel(string? pre)
    {
        var tokens = Enumerable.Range(0, 256).Select(value => ByteMap.CharOf((byte)value).ToString()).ToList();
        var merges = new List<string>();
        foreach (var word in s_words)
        {
            var mapped = string.Concat(Encoding.UTF8.GetBytes(word).Select(ByteMap.CharOf));
            for (var length = 1; length < mapped.Length; length++)
            {
                AddNew(merges, $"{mapped[..length]} {mapped[length]}");
                AddNew(tokens, mapped[..(length + 1)]);
            }
        }
        var normal = tokens.Count;
        tokens.AddRange(["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"]);
        return new TokenizerSource
        {
            Model = "gpt2",
            Pre = pre,
            Tokens = tokens,
            TokenTypes = [.. Enumerable.Repeat(1, normal), 3, 3, 3, 4, 4],
            Merges = merges,
            Bos = normal,
            Eos = normal + 2,
        };
    }

    public static TokenizerSource SentencePiece()
    {
        var tokens = new List<string> { "<unk>", "<s>", "</s>" };
        tokens.AddRange(Enumerable.Range(0, 256).Select(value => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>")));
        string[] words =
        [
            "he", "ll", "llo", "hello", "▁hello", "▁", "▁▁", "▁▁▁▁", "wor", "ld", "▁wor", "▁world", "in", "ing", "▁the", "th", "▁t", "er",
            "日本", "12", "123", "▁a", "nd", "▁and",
        ];
        var characters = "abcdefghijklmnopqrstuvwxyz123.,!é日本".Select(character => character.ToString()).ToArray();
        tokens.AddRange([.. words, .. characters, "<|user|>", "<tool_call>"]);
        var plain = words.Length + characters.Length;
        return new TokenizerSource
        {
            Model = "llama",
            Tokens = tokens,
            TokenTypes = [2, 3, 3, .. Enumerable.Repeat(6, 256), .. Enumerable.Repeat(1, plain), 3, 4],
            Scores = [.. new float[259], .. words.Select((_, index) => -(index % 7) - 1f), .. characters.Select(_ => -100f), 0, 0],
            Bos = 1,
            Eos = 2,
            Unk = 0,
        };
    }

    /// <summary>Letters and a few words, with BERT's five special tokens first.</summary>
    public static TokenizerSource WordPiece()
    {
        string[] words = ["▁the", "▁hel", "lo", "▁hello", "▁wor", "ld", "▁日", "▁,", "▁!", "▁[", "▁]", "▁un", "aff", "able", "▁$", "▁😀"];
        var letters = Enumerable.Range('a', 26).Select(letter => (char)letter);
        string[] tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. words, .. letters.Select(letter => $"▁{letter}"), .. letters.Select(letter => $"{letter}"), "<q>"];
        return new TokenizerSource
        {
            Model = "bert",
            Tokens = tokens,
            TokenTypes = [3, 3, 3, 3, 3, .. Enumerable.Repeat(1, tokens.Length - 6), 4],
            Unk = 1,
            Bos = 2,
            Sep = 3,
        };
    }

    /// <summary>Letters and a few words with XLM-R's special tokens first.</summary>
    public static TokenizerSource Unigram()
    {
        string[] words = ["▁", "▁hello", "▁hel", "lo", "▁world", "ab", "abc", "cd", "日本"];
        var letters = "abcdefghijklmnopqrstuvwxyz .,!".Where(letter => letter != ' ').Select(letter => letter.ToString()).ToArray();
        string[] tokens = ["<s>", "<pad>", "</s>", "<unk>", .. words, .. letters, "<q>"];
        return new TokenizerSource
        {
            Model = "t5",
            Tokens = tokens,
            TokenTypes = [3, 3, 3, 2, .. Enumerable.Repeat(1, words.Length + letters.Length), 4],
            Scores = [0, 0, 0, 0, -2, -3, -4, -3, -3, -3, -3.5f, -2, -5, .. Enumerable.Repeat(-6f, letters.Length), 0],
            Bos = 0,
            Eos = 2,
            Unk = 3,
            Sep = 2,
            AddBos = true,
            AddSpacePrefix = true,
            RemoveExtraSpaces = true,
        };
    }

    /// <summary>The text that ids stand for.</summary>
    public static string Decode(ITokenizer tokenizer, IEnumerable<int> ids) =>
        Encoding.UTF8.GetString(ids.SelectMany(id => tokenizer.BytesOf(id).ToArray()).ToArray());

    private static void AddNew(List<string> list, string text)
    {
        if (!list.Contains(text))
        {
            list.Add(text);
        }
    }
}
