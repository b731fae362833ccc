using System.Buffers;

namespace Flotilla.Engine.Tokenization;

/// <summary>
/// The symbols of one piece as a linked list in rented arrays: merging unlinks the right neighbour. A place keeps its index, so
/// that the text of the symbol at a place runs to the place of its successor.
/// </summary>
internal struct SymbolChain : IDisposable
{
    /// <summary>Marks a place whose symbol was merged into its left neighbour.</summary>
    public const int Gone = -1;

    private int[] _symbols;
    private int[] _next;
    private int[] _previous;

    public SymbolChain(int capacity)
    {
        var size = Math.Max(capacity, 64);
        (_symbols, _next, _previous) = (Rent(size), Rent(size), Rent(size));
    }

    /// <summary>Number of places.</summary>
    public int Length { get; private set; }

    /// <summary>Forgets all symbols and makes room for <paramref name="length"/> places.</summary>
    public void Reset(int length)
    {
        if (length > _symbols.Length || length > _next.Length || length > _previous.Length)
        {
            Dispose();
            (_symbols, _next, _previous) = (Rent(length), Rent(length), Rent(length));
        }
        Length = length;
        for (var place = 0; place < length; place++)
        {
            _next[place] = place + 1;
            _previous[place] = place - 1;
        }
    }

    public readonly int this[int place]
    {
        get => _symbols[place];
        set => _symbols[place] = value;
    }

    /// <summary>The place after this one; <see cref="Length"/> after the last.</summary>
    public readonly int After(int place) => _next[place];

    /// <summary>The place before this one; -1 before the first.</summary>
    public readonly int Before(int place) => _previous[place];

    /// <summary>Puts <paramref name="symbol"/> in place of the one at <paramref name="place"/> and its right neighbour.</summary>
    public readonly void Merge(int place, int symbol)
    {
        var right = _next[place];
        _symbols[place] = symbol;
        _symbols[right] = Gone;
        _next[place] = _next[right];
        if (_next[place] < Length)
        {
            _previous[_next[place]] = place;
        }
    }

    public readonly void Dispose()
    {
        ArrayPool<int>.Shared.Return(_symbols);
        ArrayPool<int>.Shared.Return(_next);
        ArrayPool<int>.Shared.Return(_previous);
    }

    private static int[] Rent(int size) => ArrayPool<int>.Shared.Rent(size);
}
