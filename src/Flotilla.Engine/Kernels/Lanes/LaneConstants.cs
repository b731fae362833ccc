namespace Flotilla.Engine.Kernels.Lanes;

/// <summary>Numbers that all lane types share.</summary>
internal static class LaneConstants
{
    /// <summary>Lanes of the numerics contract.</summary>
    public const int Count = 16;

    /// <summary>Adding 1.5·2^23 leaves a float's nearest integer, ties to even, in its low bits.</summary>
    public const float Shift = 12_582_912f;

    /// <summary>The bits of <see cref="Shift"/>.</summary>
    public const int ShiftBits = 0x4B40_0000;

    /// <summary>Column pairs of a quantised block.</summary>
    public const int BlockPairs = 16;

    /// <summary>Bytes that one column pair takes in a packed block: two of each row.</summary>
    public const int PairBytes = 2 * Count;

    /// <summary>Bytes of the weights of a packed block.</summary>
    public const int BlockBytes = BlockPairs * PairBytes;

    /// <summary>Bytes of the four pairs that the loop over a block takes at once: more would not fit the processor's loop buffer.</summary>
    public const int UnrolledBytes = 4 * PairBytes;

    /// <summary>Columns of four pairs.</summary>
    public const int UnrolledColumns = 8;
}
