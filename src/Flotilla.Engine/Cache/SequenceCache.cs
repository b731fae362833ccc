using System.Runtime.InteropServices;

namespace Flotilla.Engine.Cache;

/// <summary>The keys and values of one sequence: pages in the order of their positions, the first of them perhaps shared with others.</summary>
internal sealed class SequenceCache
{
    private readonly KvPool _pool;
    private readonly int _reserved;
    private readonly List<KvPage> _pages = [];
    private readonly List<KvBlock>[] _blocks;

    private SequenceCache(KvPool pool, int reserved)
    {
        _pool = pool;
        _reserved = reserved;
        _blocks = new List<KvBlock>[pool.Stages];
        for (var stage = 0; stage < _blocks.Length; stage++)
            _blocks[stage] = [];
    }

    /// <summary>A cache with room for so many positions, or null if the pool cannot promise them now.</summary>
    public static SequenceCache? TryCreate(KvPool pool, int positions)
    {
        var blocks = KvPool.BlocksFor(positions);
        return pool.TryReserve(blocks) ? new SequenceCache(pool, blocks) : null;
    }

    /// <summary>The blocks of a stage.</summary>
    public ReadOnlySpan<KvBlock> Blocks(int stage) => CollectionsMarshal.AsSpan(_blocks[stage]);

    /// <summary>Makes room for positions below this one.</summary>
    public void Extend(int positions)
    {
        var wanted = KvPool.BlocksFor(positions);
        if (wanted > _reserved)
            throw new InvalidOperationException($"{positions} positions need {wanted} blocks; {_reserved} were reserved.");
        while (_pages.Count < wanted)
            Add(_pool.Rent());
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
        _pool.Release(_reserved);
    }

    private void Add(KvPage page)
    {
        _pages.Add(page);
        for (var stage = 0; stage < _blocks.Length; stage++)
            _blocks[stage].Add(page.Blocks[stage]);
    }
}
