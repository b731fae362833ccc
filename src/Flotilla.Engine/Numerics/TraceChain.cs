using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Engine.Numerics;

/// <summary>
/// The chain of digests that commits to a generation: root_0 = H(numerics id, model digest, prompt tokens), then for each
/// generated token root_i = H(root_{i−1}, position, token id, hidden state that the token was drawn from). The layout of
/// every field is in docs/numerics.md.
/// </summary>
internal sealed class TraceChain
{
    private readonly byte[] _root = new byte[SHA256.HashSizeInBytes];
    private readonly byte[] _record;

    public TraceChain(string numericsId, string modelDigest, ReadOnlySpan<int> prompt, int hiddenLength)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(numericsId));
        hash.AppendData([0]);
        hash.AppendData(Convert.FromHexString(modelDigest));
        Span<byte> word = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(word, prompt.Length);
        hash.AppendData(word);
        foreach (var token in prompt)
        {
            BinaryPrimitives.WriteInt32LittleEndian(word, token);
            hash.AppendData(word);
        }

        hash.GetHashAndReset(_root);
        _record = new byte[_root.Length + (2 * sizeof(int)) + (hiddenLength * sizeof(float))];
    }

    /// <summary>The root after the tokens appended so far.</summary>
    public byte[] Root => [.. _root];

    /// <summary>Appends a generated token.</summary>
    public void Append(int position, int token, ReadOnlySpan<float> hidden)
    {
        _root.CopyTo(_record, 0);
        BinaryPrimitives.WriteInt32LittleEndian(_record.AsSpan(_root.Length), position);
        BinaryPrimitives.WriteInt32LittleEndian(_record.AsSpan(_root.Length + sizeof(int)), token);
        var bytes = _record.AsSpan(_root.Length + (2 * sizeof(int)));
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(hidden).CopyTo(bytes);
        }
        else
        {
            for (var index = 0; index < hidden.Length; index++)
                BinaryPrimitives.WriteSingleLittleEndian(bytes[(index * sizeof(float))..], hidden[index]);
        }

        SHA256.HashData(_record, _root);
    }
}
