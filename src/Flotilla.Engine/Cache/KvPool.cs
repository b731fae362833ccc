namespace Flotilla.Engine.Cache;

/// <summary>
/// The memory for keys and values of all sequences. A sequence reserves its longest possible length before it runs, so that
/// no running sequence ever has to give way; pages are made when first needed and used again. What sequences leave behind stays,
/// as far as there is room, for others that begin with the same tokens. Owned by the engine's loop.
/// </summary>
/// <param name="blockLengths">Floats of keys (and again of values) that a block holds, per stage.</param>
/// <param name="bytesMax">Memory for all pages together.</param>
/// <param name="idleBytesMax">How much of it pages may take that no sequence holds.</param>
internal sealed class KvPool(IReadOnlyList<int> blockLengths, long bytesMax, long idleBytesMax = 0)
{
    private readonly Stack<KvPage> _free = [];
    private readonly Dictionary<PrefixKey, KvPage> _shared = [];

    // Shared pages that nobody holds; the first has waited longest.
    private readonly LinkedList<KvPage> _idle = [];
    private readonly Dictionary<KvPage, LinkedListNode<KvPage>> _idleNodes = [];
    private long _made;

    /// <summary>Bytes of 16 positions in all stages together.</summary>
    public long BlockBytes { get; } = blockLengths.Sum(length => 2L * length * sizeof(float));

    /// <summary>Stages that the model is cut into.</summary>
    public int Stages => blockLengths.Count;

    /// <summary>Positions, in pages of 16, that can be reserved in all.</summary>
    public long BlocksMax => bytesMax / BlockBytes;

    /// <summary>Pages that are reserved now.</summary>
    public long BlocksReserved { get; private set; }

    /// <summary>Pages that nobody holds and somebody may find.</summary>
    public int Idle => _idle.Count;

    public static int BlocksFor(int positions) => (positions + KvBlock.Positions - 1) / KvBlock.Positions;

    /// <summary>Reserves pages, or does nothing and returns false if they are not to be had now.</summary>
    public bool TryReserve(int blocks)
    {
        if (BlocksReserved + blocks > BlocksMax)
            return false;
        BlocksReserved += blocks;
        return true;
    }

    public void Release(int blocks) => BlocksReserved -= blocks;

    /// <summary>A page for one sequence alone; the contents are whatever was there before.</summary>
    public KvPage Rent()
    {
        if (!_free.TryPop(out var page))
            page = _made < BlocksMax || _idle.Count == 0 ? Make() : Forget(_idle.First!.Value);
        page.Users = 1;
        return page;
    }

    /// <summary>Lets others find a full page. Of two with the same contents the first is found.</summary>
    public void Share(KvPage page, PrefixKey key)
    {
        if (_shared.TryAdd(key, page))
            page.Key = key;
    }

    /// <summary>The page with these contents, held once more from now on; null where there is none.</summary>
    public KvPage? Find(PrefixKey key)
    {
        if (!_shared.TryGetValue(key, out var page))
            return null;
        if (page.Users++ == 0 && _idleNodes.Remove(page, out var node))
            _idle.Remove(node);
        return page;
    }

    /// <summary>Gives up one sequence's hold.</summary>
    public void Return(KvPage page)
    {
        if (--page.Users > 0)
            return;
        if (page.Key is null)
        {
            _free.Push(page);
            return;
        }

        _idleNodes.Add(page, _idle.AddLast(page));
        while (_idle.Count * BlockBytes > idleBytesMax)
            _free.Push(Forget(_idle.First!.Value));
    }

    private KvPage Make()
    {
        _made++;
        return new KvPage([.. blockLengths.Select(length => new KvBlock(length))]);
    }

    private KvPage Forget(KvPage page)
    {
        _idleNodes.Remove(page, out var node);
        _idle.Remove(node!);
        _shared.Remove(page.Key!.Value);
        page.Key = null;
        return page;
    }
}
