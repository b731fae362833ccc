namespace Flotilla.Engine.Cache;

/// <summary>Keys and values of 16 consecutive positions in all stages. Full ones may be shared by sequences whose tokens begin alike.</summary>
/// <param name="blocks">One block a stage.</param>
internal sealed class KvPage(KvBlock[] blocks)
{
    /// <summary>One block a stage.</summary>
    public ReadOnlySpan<KvBlock> Blocks => blocks;

    /// <summary>Sequences that hold it.</summary>
    public int Users { get; set; }

    /// <summary>What stands in it, where others may find it; null while it is one sequence's own.</summary>
    public PrefixKey? Key { get; set; }
}
