namespace Flotilla.Engine.Cache;

/// <summary>
/// The memory for keys and values of all sequences. A sequence reserves its longest possible length before it runs, so that
/// no running sequence ever has to give way; blocks are made when first needed and used again. Owned by the engine's loop.
/// </summary>
/// <param name="blockLengths">Floats of keys (and again of values) that a block holds, per stage.</param>
/// <param name="bytesMax">Memory for all blocks together.</param>
internal sealed class KvPool(IReadOnlyList<int> blockLengths, long bytesMax)
{
    private readonly Stack<KvBlock>[] _free = [.. blockLengths.Select(_ => new Stack<KvBlock>())];

    /// <summary>Bytes of 16 positions in all stages together.</summary>
    public long BlockBytes { get; } = blockLengths.Sum(length => 2L * length * sizeof(float));

    /// <summary>Stages that the model is cut into.</summary>
    public int Stages => blockLengths.Count;

    /// <summary>Positions, in blocks of 16, that can be reserved in all.</summary>
    public long BlocksMax => bytesMax / BlockBytes;

    /// <summary>Blocks that are reserved now.</summary>
    public long BlocksReserved { get; private set; }

    public static int BlocksFor(int positions) => (positions + KvBlock.Positions - 1) / KvBlock.Positions;

    /// <summary>Reserves blocks, or does nothing and returns false if they are not to be had now.</summary>
    public bool TryReserve(int blocks)
    {
        if (BlocksReserved + blocks > BlocksMax)
            return false;
        BlocksReserved += blocks;
        return true;
    }

    public void Release(int blocks) => BlocksReserved -= blocks;

    public KvBlock Rent(int stage) => _free[stage].TryPop(out var block) ? block : new KvBlock(blockLengths[stage]);

    public void Return(int stage, KvBlock block) => _free[stage].Push(block);
}
