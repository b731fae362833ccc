namespace Flotilla.Engine.Tokenization;

/// <summary>What all tokenizers share: the vocabulary, and cutting text at special tokens before anything else.</summary>
internal abstract class VocabularyTokenizer : ITokenizer
{
    private readonly SpecialTokens? _userDefined;
    private readonly SpecialTokens? _all;

    protected VocabularyTokenizer(TokenizerSource source, Vocabulary vocabulary, bool addsBosByHabit)
    {
        Vocabulary = vocabulary;
        AddsBos = (source.AddBos ?? addsBosByHabit) && vocabulary.Bos is not null;
        _userDefined = SpecialTokens.Of(vocabulary, TokenType.UserDefined);
        _all = SpecialTokens.Of(vocabulary, TokenType.UserDefined, TokenType.Control, TokenType.Unknown);
    }

    public int VocabularySize => Vocabulary.Count;

    public int? BosId => Vocabulary.Bos;

    public int EosId => Vocabulary.Eos;

    public bool AddsBos { get; }

    protected Vocabulary Vocabulary { get; }

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
