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

    /// <summary>Where a half's bits stand once it is moved 13 up: its sign and, three bits below, the rest.</summary>
    public const int HalfBits = unchecked((int)0x8FFF_E000);

    /// <summary>2^112: the exponents of floats begin so far below those of halves.</summary>
    public const float HalfFactor = 5.192296858534828e33f;

    /// <summary>Bytes that one column pair takes: two of each row.</summary>
    public const int PairBytes = 2 * Count;

    /// <summary>Bytes that four columns take: four of each row.</summary>
    public const int QuadBytes = 4 * Count;

    /// <summary>Bytes of 32 columns.</summary>
    public const int BlockBytes = 16 * PairBytes;

    /// <summary>Bytes of one bit of each weight of 32 columns.</summary>
    public const int PlaneBytes = BlockBytes / 8;

    /// <summary>Bytes of the four pairs that the loop over a block takes at once: more would not fit the processor's loop buffer.</summary>
    public const int UnrolledBytes = 4 * PairBytes;

    /// <summary>Columns of four pairs.</summary>
    public const int UnrolledColumns = 8;
}
