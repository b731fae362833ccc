using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Ledger;

/// <summary>Values as bytes in one way only, to be hashed: integers little-endian in eight bytes, text and blobs after
/// their length, nothing as length −1.</summary>
internal sealed class CanonicalBytes
{
    private byte[] _bytes = new byte[1024];
    private int _length;

    /// <summary>Begins anew.</summary>
    public CanonicalBytes Start()
    {
        _length = 0;
        return this;
    }

    public CanonicalBytes Add(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Room(sizeof(long)), value);
        return this;
    }

    public CanonicalBytes Add(string? value)
    {
        if (value is null)
            return Add(-1);
        var count = Encoding.UTF8.GetByteCount(value);
        Encoding.UTF8.GetBytes(value, Add(count).Room(count));
        return this;
    }

    public CanonicalBytes Add(byte[]? value)
    {
        if (value is null)
            return Add(-1);
        value.CopyTo(Add(value.Length).Room(value.Length));
        return this;
    }

    /// <summary>SHA-256 over everything since <see cref="Start"/>.</summary>
    public byte[] Hash() => SHA256.HashData(_bytes.AsSpan(0, _length));

    private Span<byte> Room(int count)
    {
        if (_bytes.Length - _length < count)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}
