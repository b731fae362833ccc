namespace Flotilla.Engine.Tokenization;

/// <summary>What all tokenizers share: the vocabulary, and cutting text at special tokens before anything else.</summary>
internal abstract class VocabularyTokenizer : ITokenizer
{
    private readonly SpecialTokens? _userDefined;
    private readonly SpecialTokens? _all;

    private readonly bool _addsEos;
    private readonly bool _addsSep;

    protected VocabularyTokenizer(
        TokenizerSource source, Vocabulary vocabulary, bool addsBosByHabit, bool addsEosByHabit = false, bool addsSepByHabit = false)
    {
        Vocabulary = vocabulary;
        AddsBos = (source.AddBos ?? addsBosByHabit) && vocabulary.Bos is not null;
        _addsEos = source.AddEos ?? addsEosByHabit;
        _addsSep = (source.AddSep ?? addsSepByHabit) && vocabulary.Sep is not null;
        _userDefined = SpecialTokens.Of(vocabulary, TokenType.UserDefined);
        _all = SpecialTokens.Of(vocabulary, TokenType.UserDefined, TokenType.Control, TokenType.Unknown);
    }

    public int VocabularySize => Vocabulary.Count;

    public int TokenCharsMax => Vocabulary.TextCharsMax;

    public int? BosId => Vocabulary.Bos;

    public int EosId => Vocabulary.Eos;

    public bool AddsBos { get; }

    protected Vocabulary Vocabulary { get; }

    /// <summary>The token between two texts.</summary>
    protected int? SepId => Vocabulary.Sep;

    /// <summary>The token behind a whole text; null for none.</summary>
    protected virtual int? ClosingId => _addsEos ? EosId : null;

    public bool IsEndOfGeneration(int id) => Vocabulary.IsEnd(id);

    public bool IsControl(int id) => Vocabulary.TypeOf(id) is TokenType.Control or TokenType.Unknown;

    public ReadOnlyMemory<byte> BytesOf(int id) => Vocabulary.BytesOf(id);

    public int[] Encode(string text, bool parseSpecial, bool addBos)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Encode(text, parseSpecial ? _all : _userDefined, foreign: default, addBos);
    }

    public int[] EncodePrompt(string text, ReadOnlySpan<bool> foreign, bool addBos)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (foreign.Length != text.Length)
        {
            throw new ArgumentException($"The text has {text.Length} characters, and {foreign.Length} are told of.", nameof(foreign));
        }
        return Encode(text, _all, foreign, addBos);
    }

    public int[] EncodeWhole(string text)
    {
        var ids = Encode(text, parseSpecial: false, AddsBos);
        return ClosingId is { } closing ? [.. ids, closing] : ids;
    }

    public (int[] Ids, int Second) EncodePair(string query, string document)
    {
        var (first, second) = (Encode(query, parseSpecial: false, AddsBos), Encode(document, parseSpecial: false, addBos: false));
        int[] end = _addsEos ? [EosId] : [];
        int[] between = _addsSep ? [SepId!.Value] : [];
        return ([.. first, .. end, .. between, .. second, .. end], first.Length + end.Length + between.Length);
    }

    /// <summary>An id that a kind of vocabulary usually has, if this one reaches so far.</summary>
    protected static int? Within(TokenizerSource source, int id) => id < source.Tokens.Count ? id : null;

    private int[] Encode(string text, SpecialTokens? special, ReadOnlySpan<bool> foreign, bool addBos)
    {
        var ids = new List<int>(text.Length / 3 + 8);
        if (addBos && BosId is { } bos)
        {
            ids.Add(bos);
        }
        var rest = text.AsSpan();
        var afterSpecial = true;
        while (!rest.IsEmpty)
        {
            var (start, length, id) = special?.FindFirst(rest, foreign) ?? (-1, 0, 0);
            var plain = start < 0 ? rest : rest[..start];
            if (!plain.IsEmpty)
            {
                EncodeText(plain, afterSpecial, ids);
            }
            if (start < 0)
            {
                break;
            }
            ids.Add(id);
            afterSpecial = true;
            rest = rest[(start + length)..];
            foreign = foreign.IsEmpty ? foreign : foreign[(start + length)..];
        }
        return ids.ToArray();
    }

    /// <summary>Appends the ids of text without special tokens; <paramref name="afterSpecial"/> also at the very beginning.</summary>
    protected abstract void EncodeText(ReadOnlySpan<char> text, bool afterSpecial, List<int> ids);
}
