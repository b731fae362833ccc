namespace Flotilla.Engine.Tokenization;

/// <summary>
/// SentencePiece's unigram model (<c>t5</c>): of all ways to cut the normalised text into tokens the one with the greatest sum of scores. One pass
/// finds it: the best way to each place comes from the best ways to the places before.
/// </summary>
internal sealed class UnigramTokenizer : VocabularyTokenizer
{
    // What T5's own vocabulary has, where the file does not say.
    private const int EosDefault = 1;
    private const int UnkDefault = 2;

    /// <summary>By how much a character that is no token is worse than the worst token, in SentencePiece.</summary>
    private const float UnknownPenalty = 10;

    private readonly UnigramNormalizer _normalizer;
    private readonly ByteTrie _pieces;
    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int _unknown;

    public UnigramTokenizer(TokenizerSource source)
        : this(source, source with { Eos = source.Eos ?? Within(source, EosDefault), Unk = source.Unk ?? Within(source, UnkDefault) })
    {
    }

    private UnigramTokenizer(TokenizerSource source, TokenizerSource stated)
        : base(stated, new Vocabulary(stated, byteMapped: false), addsBosByHabit: false, addsEosByHabit: true)
    {
        _unknown = Vocabulary.Unk ?? throw Vocabulary.Malformed("tokenizer.ggml.unknown_token_id is missing: a unigram vocabulary needs one.");
        _normalizer = new UnigramNormalizer(source, Vocabulary);
        _pieces = Vocabulary.Trie(id => Vocabulary.TypeOf(id) is TokenType.Normal or TokenType.UserDefined or TokenType.Unused);
        _scores = new double[Vocabulary.Count];
        var worst = float.MaxValue;
        for (var id = 0; id < Vocabulary.Count; id++)
        {
            var score = source.Scores?[id] ?? 0;
            _scores[id] = Vocabulary.TypeOf(id) == TokenType.UserDefined ? 0 : score;
            worst = Vocabulary.TypeOf(id) == TokenType.Normal ? Math.Min(worst, score) : worst;
        }
        _unknownScore = worst - UnknownPenalty;
    }

    protected override void EncodeText(ReadOnlySpan<char> text, bool afterSpecial, List<int> ids)
    {
        var bytes = _normalizer.Normalize(text);
        if (bytes.Length > 0)
        {
            Walk(Best(bytes), ids);
        }
    }

    /// <summary>For each place, the last token of the best way there and where that token begins.</summary>
    private (int Token, int Start)[] Best(ReadOnlySpan<byte> bytes)
    {
        var ways = new (int Token, int Start)[bytes.Length + 1];
        var sums = new double[bytes.Length + 1];
        Array.Fill(sums, -double.MaxValue);
        sums[0] = 0;
        for (var start = 0; start < bytes.Length;)
        {
            var character = Math.Min(LengthOf(bytes[start]), bytes.Length - start);
            var isToken = false;
            var node = ByteTrie.Root;
            for (var at = start; at < bytes.Length && (node = _pieces.Child(node, bytes[at])) >= 0; at++)
            {
                if (_pieces.ValueAt(node) is >= 0 and var id)
                {
                    isToken |= at + 1 - start == character;
                    Offer(at + 1, id, sums[start] + _scores[id]);
                }
            }
            if (!isToken)
            {
                Offer(start + character, _unknown, sums[start] + _unknownScore);
            }
            start += character;

            void Offer(int place, int token, double sum)
            {
                if (sum > sums[place])
                {
                    (sums[place], ways[place]) = (sum, (token, start));
                }
            }
        }
        return ways;
    }

    /// <summary>Appends the tokens of the best way to the end; neighbours that are unknown become one.</summary>
    private void Walk((int Token, int Start)[] ways, List<int> ids)
    {
        var first = ids.Count;
        for (var place = ways.Length - 1; place > 0; place = ways[place].Start)
        {
            var token = ways[place].Token;
            if (token != _unknown || ids.Count == first || ids[^1] != _unknown)
            {
                ids.Add(token);
            }
        }
        ids.Reverse(first, ids.Count - first);
    }

    /// <summary>Bytes of the character that begins with this one, as its first bits say.</summary>
    private static int LengthOf(byte first) => first switch { < 0xC0 => 1, < 0xE0 => 2, < 0xF0 => 3, _ => 4 };
}
