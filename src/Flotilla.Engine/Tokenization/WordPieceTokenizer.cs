using System.Runtime.InteropServices;
using System.Text;

namespace Flotilla.Engine.Tokenization;

/// <summary>
/// WordPiece (<c>bert</c>): words, punctuation and Chinese characters by themselves, each cut into the longest tokens from its beginning on. A
/// word of which any part is no token is unknown as a whole. In a model file the tokens that begin a word begin with U+2581.
/// </summary>
internal sealed class WordPieceTokenizer : VocabularyTokenizer
{
    // What the original vocabularies have, where the file does not say.
    private const int ClsDefault = 101;
    private const int SepDefault = 102;
    private const int UnkDefault = 100;

    private static readonly byte[] s_wordStart = Encoding.UTF8.GetBytes(SpmTokenizer.Space.ToString());

    private readonly ByteTrie _pieces;
    private readonly bool _lowers;
    private readonly bool _stripsAccents;

    public WordPieceTokenizer(TokenizerSource source)
        : this(source, Stated(source))
    {
    }

    private WordPieceTokenizer(TokenizerSource source, TokenizerSource stated)
        : base(stated, new Vocabulary(stated, byteMapped: false), addsBosByHabit: true, addsSepByHabit: true)
    {
        _lowers = source.Lowercase ?? true;
        _stripsAccents = source.StripAccents ?? _lowers;
        _pieces = Vocabulary.Trie(id => !IsControl(id));
    }

    /// <summary>What such a model was trained with behind a text, whatever the file says of ends.</summary>
    protected override int? ClosingId => SepId;

    protected override void EncodeText(ReadOnlySpan<char> text, bool afterSpecial, List<int> ids)
    {
        var word = new List<byte>(64);
        foreach (var rune in text.EnumerateRunes())
        {
            var codePoint = _stripsAccents ? PlainLetters.Of(rune.Value) : rune.Value;
            var kind = CharClasses.Of(codePoint);
            if (kind == CharClass.Space)
            {
                EndWord(word, ids);
                continue;
            }
            if (codePoint is 0 or 0xFFFD || kind == CharClass.Control || (_stripsAccents && kind == CharClass.Mark))
            {
                continue;
            }
            var stands = kind == CharClass.Punctuation || (codePoint < 0x7F && kind == CharClass.Symbol) || IsChinese(codePoint);
            if (stands)
            {
                EndWord(word, ids);
            }
            Append(word, _lowers ? Lower(codePoint, kind) : codePoint);
            if (stands)
            {
                EndWord(word, ids);
            }
        }
        EndWord(word, ids);
    }

    /// <summary>Cuts the word and forgets it; nothing where there is none.</summary>
    private void EndWord(List<byte> word, List<int> ids)
    {
        if (word.Count == 0)
        {
            return;
        }
        var rest = (ReadOnlySpan<byte>)CollectionsMarshal.AsSpan(word);
        var before = ids.Count;
        while (!rest.IsEmpty)
        {
            var (length, id) = _pieces.LongestAt(rest);
            if (length == 0)
            {
                ids.RemoveRange(before, ids.Count - before);
                if (Vocabulary.Unk is { } unknown)
                {
                    ids.Add(unknown);
                }
                break;
            }
            ids.Add(id);
            rest = rest[length..];
        }
        word.Clear();
    }

    private static void Append(List<byte> word, int codePoint)
    {
        if (word.Count == 0)
        {
            word.AddRange(s_wordStart);
        }
        Span<byte> utf8 = stackalloc byte[4];
        word.AddRange(utf8[..new Rune(codePoint).EncodeToUtf8(utf8)]);
    }

    /// <summary>The lower-case letter, of İ the i without its dot above; what was no letter in Unicode 15.1 stays.</summary>
    private static int Lower(int codePoint, CharClass kind) => codePoint switch
    {
        0x130 => 'i',
        _ when kind == CharClass.Unassigned => codePoint,
        _ => Rune.ToLowerInvariant(new Rune(codePoint)).Value,
    };

    /// <summary>The blocks that BERT's own tokenizer takes for Chinese characters; of one it has the wrong beginning, and so have the vocabularies.</summary>
    private static bool IsChinese(int codePoint) => codePoint is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF)
        or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF)
        or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    private static TokenizerSource Stated(TokenizerSource source)
    {
        var sep = source.Sep ?? Within(source, SepDefault);
        return source with { Bos = source.Bos ?? Within(source, ClsDefault), Sep = sep, Unk = source.Unk ?? Within(source, UnkDefault), Eos = source.Eos ?? sep };
    }
}
