namespace Flotilla.Core;

/// <summary>Ed25519 signatures (RFC 8032): node identities, receipts, gateway signatures.</summary>
public static class Ed25519
{
    /// <summary>Bytes of a private seed, and of a public key.</summary>
    public const int KeyBytes = 32;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureBytes = 64;

    // y of every point whose order divides 8; the sign of x is left out.
    private static readonly byte[][] SmallOrderPoints =
    [
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        Convert.FromHexString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];

    /// <summary>Verifies one signature. Which signatures pass doesn't depend on the library that does the arithmetic.</summary>
    /// <param name="publicKey">32 bytes.</param>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">64 bytes.</param>
    /// <returns>False for a wrong signature, any other length, and a key that is no curve point, is not written in the one canonical way or
    /// is of small order (such a key's signatures fit many texts).</returns>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        Verify(Ed25519Library.Chosen, publicKey, data, signature);

    internal static bool Verify(Ed25519Library library, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        publicKey.Length == KeyBytes && signature.Length == SignatureBytes
        && IsCanonical(publicKey) && !IsOfSmallOrder(publicKey) && !IsOfSmallOrder(signature[..KeyBytes])
        && library.Verify(publicKey, data, signature);

    /// <summary>Whether y is below 2^255 - 19.</summary>
    private static bool IsCanonical(ReadOnlySpan<byte> point) =>
        (point[^1] & 0x7f) != 0x7f || point[0] < 0xed || point[1..^1].ContainsAnyExcept((byte)0xff);

    private static bool IsOfSmallOrder(ReadOnlySpan<byte> point)
    {
        foreach (var small in SmallOrderPoints)
        {
            if (point[..^1].SequenceEqual(small.AsSpan(..^1)) && (point[^1] & 0x7f) == small[^1])
                return true;
        }

        return false;
    }
}
