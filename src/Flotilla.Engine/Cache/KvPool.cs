namespace Flotilla.Engine.Cache;

/// <summary>
/// The memory for keys and values of all sequences, handed out page by page as they grow; pages are made when first needed and
/// used again. What sequences leave behind stays, as far as there is room, for others that begin with the same tokens. Owned by
/// the engine's loop.
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

    /// <summary>Bytes of 16 positions in all stages together.</summary>
    public long BlockBytes { get; } = blockLengths.Sum(length => 2L * length * sizeof(float));

    /// <summary>Stages that the model is cut into.</summary>
    public int Stages => blockLengths.Count;

    /// <summary>Pages of 16 positions in all.</summary>
    public long BlocksMax => bytesMax / BlockBytes;

    /// <summary>Pages that there are, whoever has them: memory that is used again and never given back.</summary>
    public long BlocksMade { get; private set; }

    /// <summary>Pages that sequences hold.</summary>
    public long BlocksHeld { get; private set; }

    /// <summary>Pages that are to be had, if need be from what is kept for others.</summary>
    public long BlocksFree => BlocksMax - BlocksHeld;

    /// <summary>Pages that nobody holds and somebody may find.</summary>
    public int Idle => _idle.Count;

    public static int BlocksFor(int positions) => (positions + KvBlock.Positions - 1) / KvBlock.Positions;

    /// <summary>A page for one sequence alone, whose contents are whatever was there before; null where sequences hold all.</summary>
    public KvPage? TryRent()
    {
        if (BlocksFree == 0)
            return null;
        if (!_free.TryPop(out var page))
            page = BlocksMade < BlocksMax ? Make() : Forget(_idle.First!.Value);
        page.Users = 1;
        BlocksHeld++;
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
        if (page.Users++ == 0)
        {
            BlocksHeld++;
            if (_idleNodes.Remove(page, out var node))
                _idle.Remove(node);
        }

        return page;
    }

    /// <summary>Gives up one sequence's hold.</summary>
    public void Return(KvPage page)
    {
        if (--page.Users > 0)
            return;
        BlocksHeld--;
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
        BlocksMade++;
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
