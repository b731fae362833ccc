using System.Buffers;
using System.Text;

namespace Flotilla.Engine.Tokenization;

/// <summary>Byte-level BPE (<c>gpt2</c>): cut by the model's pre-tokenizer, then merge neighbours, the best rank first.</summary>
internal sealed class BpeTokenizer : VocabularyTokenizer
{
    private readonly PreTokenizer _preTokenizer;
    private readonly BpeMerges _merges;

    public BpeTokenizer(TokenizerSource source)
        : base(source, new Vocabulary(source, byteMapped: true), addsBosByHabit: PreTokenizer.Named(source.Pre).AddsBos)
    {
        _preTokenizer = PreTokenizer.Named(source.Pre);
        _merges = new BpeMerges(Vocabulary, source.Merges);
    }

    protected override void EncodeText(ReadOnlySpan<char> text, bool afterSpecial, List<int> ids)
    {
        var ends = new List<int>();
        _preTokenizer.Split(text, ends);
        using var work = new Workspace();
        var start = 0;
        foreach (var end in ends)
        {
            EncodePiece(work, text[start..end], ids);
            start = end;
        }
    }

    private void EncodePiece(Workspace work, ReadOnlySpan<char> piece, List<int> ids)
    {
        var bytes = work.Utf8(piece);
        if (_preTokenizer.WholePiecesFirst && TryWhole(work, bytes, out var whole))
        {
            ids.Add(whole);
            return;
        }
        ref var chain = ref work.Chain;
        chain.Reset(bytes.Length);
        for (var place = 0; place < bytes.Length; place++)
        {
            chain[place] = _merges.SymbolOfByte(bytes[place]);
        }
        MergeAll(ref chain, ref work.Queue);
        for (var place = 0; place < chain.Length; place = chain.After(place))
        {
            if (chain[place] < Vocabulary.Count)
            {
                ids.Add(chain[place]);
            }
            else
            {
                AddBytes(bytes[place..chain.After(place)], ids);
            }
        }
    }

    private void MergeAll(ref SymbolChain chain, ref MergeQueue queue)
    {
        queue.Clear();
        for (var place = 0; place + 1 < chain.Length; place++)
        {
            Offer(in chain, ref queue, place);
        }
        while (queue.TryPop(out var rank, out var place))
        {
            var right = chain.After(place);
            // A pair has one rank: if what stands here now has another, the entry is of a pair that has gone.
            if (chain[place] == SymbolChain.Gone || right >= chain.Length
                || !_merges.TryGet(chain[place], chain[right], out var merge) || (uint)merge.Rank != rank)
            {
                continue;
            }
            chain.Merge(place, merge.Symbol);
            if (chain.Before(place) >= 0)
            {
                Offer(in chain, ref queue, chain.Before(place));
            }
            Offer(in chain, ref queue, place);
        }
    }

    private void Offer(in SymbolChain chain, ref MergeQueue queue, int place)
    {
        var right = chain.After(place);
        if (right < chain.Length && _merges.TryGet(chain[place], chain[right], out var merge))
        {
            queue.Push((uint)merge.Rank, place);
        }
    }

    private bool TryWhole(Workspace work, ReadOnlySpan<byte> bytes, out int id)
    {
        if (bytes.Length > Vocabulary.TextCharsMax)
        {
            id = 0;
            return false;
        }
        // A control token's name in plain text stays text.
        return Vocabulary.Lookup().TryGetValue(work.Mapped(bytes), out id) && !IsControl(id);
    }

    /// <summary>Bytes that the vocabulary has no token for are left out, as the reference tokenizers do.</summary>
    private void AddBytes(ReadOnlySpan<byte> bytes, List<int> ids)
    {
        foreach (var value in bytes)
        {
            if (_merges.SymbolOfByte(value) is var symbol && symbol < Vocabulary.Count)
            {
                ids.Add(symbol);
            }
        }
    }

    /// <summary>Buffers of one call, so that pieces allocate nothing.</summary>
    private sealed class Workspace : IDisposable
    {
        private byte[] _utf8 = ArrayPool<byte>.Shared.Rent(256);
        private char[] _mapped = ArrayPool<char>.Shared.Rent(256);

        public MergeQueue Queue = new(64);
        public SymbolChain Chain = new(64);

        public ReadOnlySpan<byte> Utf8(ReadOnlySpan<char> piece)
        {
            Grow(ref _utf8, Encoding.UTF8.GetMaxByteCount(piece.Length));
            return _utf8.AsSpan(0, Encoding.UTF8.GetBytes(piece, _utf8));
        }

        public ReadOnlySpan<char> Mapped(ReadOnlySpan<byte> bytes)
        {
            Grow(ref _mapped, bytes.Length);
            for (var index = 0; index < bytes.Length; index++)
            {
                _mapped[index] = ByteMap.CharOf(bytes[index]);
            }
            return _mapped.AsSpan(0, bytes.Length);
        }

        public void Dispose()
        {
            ArrayPool<byte>.Shared.Return(_utf8, clearArray: true);
            ArrayPool<char>.Shared.Return(_mapped, clearArray: true);
            Queue.Dispose();
            Chain.Dispose();
        }

        private static void Grow<T>(ref T[] buffer, int size)
        {
            if (buffer.Length < size)
            {
                ArrayPool<T>.Shared.Return(buffer);
                buffer = ArrayPool<T>.Shared.Rent(size);
            }
        }
    }
}
