using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Flotilla.Engine.Cache;

/// <summary>
/// Names 16 tokens and all that stand before them, under a salt: half of a SHA-256, so that nobody can make two texts share keys
/// and values by searching for a collision, and whoever does not know the salt cannot ask what others have sent.
/// </summary>
internal readonly record struct PrefixKey(UInt128 Value)
{
    /// <summary>The key before the first token.</summary>
    public static PrefixKey Of(ReadOnlySpan<byte> salt) => Half(SHA256.HashData(salt));

    /// <summary>The key of the next tokens behind this one's.</summary>
    public PrefixKey Next(ReadOnlySpan<int> tokens)
    {
        Span<byte> text = stackalloc byte[16 + (KvBlock.Positions * sizeof(int))];
        BinaryPrimitives.WriteUInt128LittleEndian(text, Value);
        MemoryMarshal.AsBytes(tokens).CopyTo(text[16..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return Half(hash);
    }

    private static PrefixKey Half(ReadOnlySpan<byte> hash) => new(BinaryPrimitives.ReadUInt128LittleEndian(hash));
}
