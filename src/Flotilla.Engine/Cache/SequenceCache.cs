using System.Runtime.InteropServices;

namespace Flotilla.Engine.Cache;

/// <summary>The keys and values of one sequence: per stage, blocks in the order of their positions.</summary>
internal sealed class SequenceCache
{
    private readonly KvPool _pool;
    private readonly int _reserved;
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
        for (var stage = 0; stage < _blocks.Length; stage++)
        {
            while (_blocks[stage].Count < wanted)
                _blocks[stage].Add(_pool.Rent(stage));
        }
    }

    /// <summary>Gives everything back; the cache is not used again.</summary>
    public void Release()
    {
        for (var stage = 0; stage < _blocks.Length; stage++)
        {
            foreach (var block in _blocks[stage])
                _pool.Return(stage, block);
            _blocks[stage].Clear();
        }

        _pool.Release(_reserved);
    }
}
