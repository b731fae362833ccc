using System.Text;

namespace Flotilla.Engine.Tokenization;

/// <summary>
/// SentencePiece BPE (<c>llama</c>): spaces become U+2581, then neighbours whose joined text is a token merge, the best score first;
/// a character that is no token becomes its bytes' tokens.
/// </summary>
internal sealed class SpmTokenizer : VocabularyTokenizer
{
    /// <summary>What a space is written as inside token texts.</summary>
    public const char Space = '\u2581';

    private readonly bool _addsSpacePrefix;
    private readonly float[] _scores;
    private readonly int[] _idOfByte = new int[256];

    public SpmTokenizer(TokenizerSource source)
        : base(source, new Vocabulary(source, byteMapped: false), addsBosByHabit: true)
    {
        _addsSpacePrefix = source.AddSpacePrefix ?? true;
        _scores = source.Scores?.ToArray() ?? new float[Vocabulary.Count];
        Array.Fill(_idOfByte, -1);
        for (var id = 0; id < Vocabulary.Count; id++)
        {
            if (Vocabulary.ByteTokenValue(Vocabulary.Texts[id]) is >= 0 and var value)
            {
                _idOfByte[value] = id;
            }
        }
    }

    protected override void EncodeText(ReadOnlySpan<char> text, bool afterSpecial, List<int> ids)
    {
        var prefix = _addsSpacePrefix && afterSpecial ? " " : "";
        var escaped = WithoutHalves(string.Concat(prefix, text).Replace(' ', Space));
        var queue = new MergeQueue(escaped.Length);
        var chain = new SymbolChain(escaped.Length);
        try
        {
            Prepare(escaped, ref chain);
            MergeAll(escaped, ref chain, ref queue);
            for (var place = 0; place < escaped.Length; place = chain.After(place))
            {
                AddSymbol(escaped.AsSpan(place, chain.After(place) - place), ids);
            }
        }
        finally
        {
            queue.Dispose();
            chain.Dispose();
        }
    }

    /// <summary>The text with U+FFFD for halves of surrogate pairs, as which they are encoded everywhere.</summary>
    private static string WithoutHalves(string text) =>
        text.AsSpan().ContainsAnyInRange('\ud800', '\udfff') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;

    /// <summary>One symbol a character; a surrogate pair is one, so the place of its second half is merged from the start.</summary>
    private static void Prepare(string text, ref SymbolChain chain)
    {
        chain.Reset(text.Length);
        for (var place = 0; place < text.Length; place++)
        {
            chain[place] = 0;
        }
        for (var place = 0; place + 1 < text.Length; place++)
        {
            if (char.IsSurrogatePair(text[place], text[place + 1]))
            {
                chain.Merge(place, 0);
                place++;
            }
        }
    }

    private void MergeAll(string text, ref SymbolChain chain, ref MergeQueue queue)
    {
        for (var place = 0; place < text.Length; place = chain.After(place))
        {
            Offer(text, in chain, ref queue, place);
        }
        while (queue.TryPop(out var priority, out var place))
        {
            // An entry of a pair that has gone is known by its score; if another pair of the same score stands here, it is due too.
            if (chain[place] == SymbolChain.Gone || !TryPriority(text, in chain, place, out var current) || current != priority)
            {
                continue;
            }
            chain.Merge(place, 0);
            if (chain.Before(place) >= 0)
            {
                Offer(text, in chain, ref queue, chain.Before(place));
            }
            Offer(text, in chain, ref queue, place);
        }
    }

    private void Offer(string text, in SymbolChain chain, ref MergeQueue queue, int place)
    {
        if (TryPriority(text, in chain, place, out var priority))
        {
            queue.Push(priority, place);
        }
    }

    private bool TryPriority(string text, in SymbolChain chain, int place, out uint priority)
    {
        priority = 0;
        var right = chain.After(place);
        if (right >= text.Length)
        {
            return false;
        }
        var end = chain.After(right);
        if (end - place > Vocabulary.TextCharsMax || !Vocabulary.Lookup().TryGetValue(text.AsSpan(place, end - place), out var id) || IsControl(id))
        {
            return false;
        }
        priority = ~Ascending(_scores[id]);
        return true;
    }

    private void AddSymbol(ReadOnlySpan<char> symbol, List<int> ids)
    {
        if (symbol.Length <= Vocabulary.TextCharsMax && Vocabulary.Lookup().TryGetValue(symbol, out var id) && !IsControl(id))
        {
            ids.Add(id);
            return;
        }
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in symbol.EnumerateRunes())
        {
            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
            {
                if ((_idOfByte[value] >= 0 ? _idOfByte[value] : Vocabulary.Unk) is { } fallback)
                {
                    ids.Add(fallback);
                }
            }
        }
    }

    /// <summary>Bits that order as the floats do.</summary>
    private static uint Ascending(float score)
    {
        var bits = BitConverter.SingleToUInt32Bits(score == 0 ? 0 : score);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }
}
