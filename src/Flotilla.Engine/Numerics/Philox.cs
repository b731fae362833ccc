namespace Flotilla.Engine.Numerics;

/// <summary>
/// Philox 4×32 with 10 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a random function
/// of key and counter. A resumed or re-ordered generation draws the same numbers because there is no state to carry.
/// </summary>
internal static class Philox
{
    private const uint Multiplier0 = 0xD251_1F53;
    private const uint Multiplier1 = 0xCD9E_8D57;
    private const uint Weyl0 = 0x9E37_79B9;
    private const uint Weyl1 = 0xBB67_AE85;

    /// <summary>The four words at a counter.</summary>
    public static (uint W0, uint W1, uint W2, uint W3) Block(ulong key, (uint W0, uint W1, uint W2, uint W3) counter)
    {
        var (c0, c1, c2, c3) = counter;
        var (k0, k1) = ((uint)key, (uint)(key >> 32));
        for (var round = 0; round < 10; round++)
        {
            var p0 = (ulong)Multiplier0 * c0;
            var p1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += Weyl0;
            k1 += Weyl1;
        }

        return (c0, c1, c2, c3);
    }

    /// <summary>The number in [0, 1) with which the token at a position is drawn.</summary>
    public static double Uniform(ulong seed, int choice, int position)
    {
        var (w0, w1, _, _) = Block(seed, ((uint)position, (uint)choice, 0, 0));
        return (((ulong)w0 << 32 | w1) >> 11) * (1.0 / (1UL << 53));
    }
}
