using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Gateway.Idempotency;

/// <summary>SHA-256 of a form's parts, taken while they are read. The boundary between them, which every try draws anew, is no part of it.</summary>
internal sealed class FormDigest : IDisposable
{
    private readonly IncrementalHash _form = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _part = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>A part begins; a file has a name of its own.</summary>
    public void Begin(string name, string? fileName)
    {
        Text(name);
        Text(fileName ?? "");
        _form.AppendData([fileName is null ? (byte)0 : (byte)1]);
    }

    /// <summary>The next bytes of the part.</summary>
    public void Add(ReadOnlySpan<byte> content) => _part.AppendData(content);

    /// <summary>The part is whole.</summary>
    public void End() => _form.AppendData(_part.GetHashAndReset());

    /// <summary>The digest: 32 bytes.</summary>
    public byte[] Close() => _form.GetHashAndReset();

    public void Dispose()
    {
        _form.Dispose();
        _part.Dispose();
    }

    // With its length, so that no two names can be read as others.
    private void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        _form.AppendData(length);
        _form.AppendData(bytes);
    }
}
