using System.Security.Cryptography;

namespace Flotilla.Protocol.Receipts;

/// <summary>Commitments that can be published: without the salt they tell nothing of the content.</summary>
public static class Commitments
{
    /// <summary>SHA-256(salt ‖ bytes), lower-case hexadecimal.</summary>
    public static string Of(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(salt);
        hash.AppendData(bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
