using System.Runtime.InteropServices;

namespace Flotilla.Engine.Cache;

/// <summary>The keys and values of one sequence: pages in the order of their positions, the first of them perhaps shared with others.</summary>
internal sealed class SequenceCache
{
    private readonly KvPool _pool;
    private readonly List<KvPage> _pages;
    private readonly List<KvBlock>[] _blocks;

    /// <param name="pool">Where pages come from.</param>
    /// <param name="positionsMax">The most positions that there will be.</param>
    public SequenceCache(KvPool pool, int positionsMax)
    {
        _pool = pool;
        var pages = KvPool.BlocksFor(positionsMax);
        _pages = new List<KvPage>(pages);
        _blocks = new List<KvBlock>[pool.Stages];
        for (var stage = 0; stage < _blocks.Length; stage++)
            _blocks[stage] = new List<KvBlock>(pages);
    }

    /// <summary>Pages that the sequence holds.</summary>
    public int Pages => _pages.Count;

    /// <summary>The blocks of a stage.</summary>
    public ReadOnlySpan<KvBlock> Blocks(int stage) => CollectionsMarshal.AsSpan(_blocks[stage]);

    /// <summary>Makes room for so many positions, as far as the pool has pages; returns for how many of them there is room.</summary>
    public int Extend(int positions)
    {
        var wanted = KvPool.BlocksFor(positions);
        while (_pages.Count < wanted && _pool.TryRent() is { } page)
            Add(page);
        return Math.Min(positions, _pages.Count * KvBlock.Positions);
    }

    /// <summary>Takes the next 16 positions from what somebody else has computed; false where nobody has.</summary>
    public bool TryAdopt(PrefixKey key)
    {
        if (_pool.Find(key) is not { } page)
            return false;
        Add(page);
        return true;
    }

    /// <summary>Lets others find a page all of whose positions are computed.</summary>
    public void Share(int index, PrefixKey key) => _pool.Share(_pages[index], key);

    /// <summary>Gives everything back; the cache is not used again.</summary>
    public void Release()
    {
        // The last first: those at the beginning serve more texts, and without them the rest could not be found.
        for (var index = _pages.Count - 1; index >= 0; index--)
            _pool.Return(_pages[index]);
        _pages.Clear();
        foreach (var blocks in _blocks)
            blocks.Clear();
    }

    private void Add(KvPage page)
    {
        _pages.Add(page);
        for (var stage = 0; stage < _blocks.Length; stage++)
            _blocks[stage].Add(page.Blocks[stage]);
    }
}
