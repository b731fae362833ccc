using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Flotilla.Engine.Tokenization;

/// <summary>The checked token list of a model file: texts, kinds, bytes and the special ids.</summary>
internal sealed class Vocabulary
{
    /// <summary>Texts that end a turn in public models. Converters often leave their ids out of the metadata, so the text decides.</summary>
    private static readonly FrozenSet<string> s_endTexts = FrozenSet.ToFrozenSet(
        [
            "<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>",
            "</s>", "<eos>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<end_of_utterance>", "<｜end▁of▁sentence｜>",
            "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>",
        ],
        StringComparer.Ordinal);

    private readonly Dictionary<string, int> _ids;
    private readonly TokenType[] _types;
    private readonly byte[] _bytes;
    private readonly int[] _byteStarts;
    private readonly HashSet<int> _ends = [];

    public Vocabulary(TokenizerSource source, bool byteMapped)
    {
        Texts = source.Tokens;
        if (Texts.Count == 0)
        {
            throw Malformed("tokenizer.ggml.tokens is empty.");
        }
        CheckLength("token_type", source.TokenTypes?.Count);
        CheckLength("scores", source.Scores?.Count);
        _ids = new Dictionary<string, int>(Texts.Count, StringComparer.Ordinal);
        _types = new TokenType[Texts.Count];
        for (var id = 0; id < Texts.Count; id++)
        {
            Add(id, source.TokenTypes?[id] ?? (int)TokenType.Normal);
        }
        Bos = InRange("bos_token_id", source.Bos);
        Unk = InRange("unknown_token_id", source.Unk);
        Sep = InRange("seperator_token_id", source.Sep);
        InRange("padding_token_id", source.Pad);
        FindEnds(InRange("eos_token_id", source.Eos), InRange("eot_token_id", source.Eot), InRange("eom_token_id", source.Eom));
        Eos = source.Eos ?? (_ends.Count > 0
            ? _ends.Min()
            : throw Malformed("tokenizer.ggml.eos_token_id is missing and no token's text is a known end of turn."));
        (_bytes, _byteStarts) = BuildBytes(byteMapped);
    }

    public IReadOnlyList<string> Texts { get; }

    public int Count => _types.Length;

    public int? Bos { get; }

    public int Eos { get; }

    public int? Unk { get; }

    public int? Sep { get; }

    /// <summary>UTF-16 length of the longest text.</summary>
    public int TextCharsMax { get; private set; }

    public TokenType TypeOf(int id) => _types[id];

    public bool IsEnd(int id) => _ends.Contains(id);

    public ReadOnlyMemory<byte> BytesOf(int id) => _bytes.AsMemory(_byteStarts[id].._byteStarts[id + 1]);

    public bool TryGetId(string text, out int id) => _ids.TryGetValue(text, out id);

    /// <summary>A lookup that takes spans, so that encoding allocates no strings.</summary>
    public Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Lookup() => _ids.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The texts of tokens as a tree.</summary>
    /// <exception cref="TokenizerException">One is longer than its limit.</exception>
    public ByteTrie Trie(Func<int, bool> takes)
    {
        var texts = new List<(ReadOnlyMemory<byte>, int)>();
        for (var id = 0; id < Count; id++)
        {
            if (Texts[id].Length == 0 || !takes(id))
            {
                continue;
            }
            var utf8 = Encoding.UTF8.GetBytes(Texts[id]);
            if (utf8.Length > TextLimits.PieceBytesMax)
            {
                throw new TokenizerException(
                    TokenizerError.LimitExceeded,
                    $"tokenizer.ggml.tokens[{id}] has {utf8.Length} bytes; at most {TextLimits.PieceBytesMax} are allowed in this kind of vocabulary.");
            }
            texts.Add((utf8, id));
        }
        return new ByteTrie(texts);
    }

    public static TokenizerException Malformed(string message) => new(TokenizerError.Malformed, message);

    /// <summary>The value of a byte token's text (<c>&lt;0x0A&gt;</c>), or -1 if it is not exactly of that form.</summary>
    public static int ByteTokenValue(string text) =>
        text.Length == 6 && text.StartsWith("<0x", StringComparison.Ordinal) && text[5] == '>'
        && byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : -1;

    private void Add(int id, int type)
    {
        // An empty text can never be produced by encoding; a name of its own keeps the texts distinct.
        var text = Texts[id].Length == 0 ? $"[EMPTY_{id}]" : Texts[id];
        if (!_ids.TryAdd(text, id))
        {
            throw Malformed($"tokenizer.ggml.tokens holds the same text for ids {_ids[text]} and {id}.");
        }
        _types[id] = type is >= (int)TokenType.Undefined and <= (int)TokenType.Byte
            ? (TokenType)type
            : throw Malformed($"tokenizer.ggml.token_type[{id}] is {type}; kinds are 0 to 6.");
        TextCharsMax = Math.Max(TextCharsMax, text.Length);
    }

    private void FindEnds(params ReadOnlySpan<int?> stated)
    {
        foreach (var id in stated)
        {
            if (id is { } end)
            {
                _ends.Add(end);
            }
        }
        foreach (var text in s_endTexts)
        {
            if (_ids.TryGetValue(text, out var id))
            {
                _ends.Add(id);
                // Some converters leave it an ordinary token; then a user's text could end the turn.
                _types[id] = TokenType.Control;
            }
        }
        // Where one model has all three, <|end|> closes a channel and the answer goes on.
        if (_ids.ContainsKey("<|return|>") && _ids.ContainsKey("<|call|>") && _ids.TryGetValue("<|end|>", out var channelEnd))
        {
            _ends.Remove(channelEnd);
            _types[channelEnd] = TokenType.UserDefined;
        }
    }

    private (byte[] Bytes, int[] Starts) BuildBytes(bool byteMapped)
    {
        var starts = new int[Count + 1];
        var bytes = new List<byte>(Count * 8);
        Span<byte> utf8 = stackalloc byte[4];
        for (var id = 0; id < Count; id++)
        {
            var text = Texts[id];
            if (_types[id] == TokenType.Byte && ByteTokenValue(text) is >= 0 and var value)
            {
                bytes.Add((byte)value);
            }
            else if (_types[id] is TokenType.Control or TokenType.UserDefined or TokenType.Unknown)
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text));
            }
            else if (byteMapped)
            {
                foreach (var rune in text.EnumerateRunes())
                {
                    if (rune.IsBmp && ByteMap.ByteOf((char)rune.Value) is >= 0 and var mapped)
                    {
                        bytes.Add((byte)mapped);
                    }
                    else
                    {
                        bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
                    }
                }
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Replace(SpmTokenizer.Space, ' ')));
            }
            starts[id + 1] = bytes.Count;
        }
        return (bytes.ToArray(), starts);
    }

    private void CheckLength(string key, int? length)
    {
        if (length is { } count && count != Texts.Count)
        {
            throw Malformed($"tokenizer.ggml.{key} has {count} entries for {Texts.Count} tokens.");
        }
    }

    private int? InRange(string key, int? id) =>
        id is < 0 || id >= Texts.Count
            ? throw Malformed($"tokenizer.ggml.{key} is {id}; the vocabulary has ids 0 to {Texts.Count - 1}.")
            : id;
}
