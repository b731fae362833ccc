using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Flotilla.Ledger;

/// <summary>A whole SHA-256 as a dictionary key: looked up without an allocation, and never by a part of it.</summary>
internal readonly struct Digest256 : IEquatable<Digest256>
{
    private readonly ulong _a, _b, _c, _d;

    /// <param name="bytes">32 bytes.</param>
    public Digest256(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, SHA256.HashSizeInBytes);
        _a = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
    }

    /// <summary>In constant time: which of two hashes differ where is nobody's business.</summary>
    public bool Equals(Digest256 other) => ((_a ^ other._a) | (_b ^ other._b) | (_c ^ other._c) | (_d ^ other._d)) == 0;

    public override bool Equals(object? obj) => obj is Digest256 other && Equals(other);

    public override int GetHashCode() => (int)_a;
}
