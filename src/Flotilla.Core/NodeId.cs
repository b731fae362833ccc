using System.Security.Cryptography;

namespace Flotilla.Core;

/// <summary>A node, named by its public key: two nodes with one id hold one key.</summary>
/// <param name="Value">The text form: <c>node_ and the first 32 hexadecimal digits of SHA-256 over the Ed25519 public key</c>.</param>
public readonly record struct NodeId(string Value)
{
    /// <summary>What every such id begins with.</summary>
    public const string Prefix = "node_";

    /// <summary>The id that belongs to a public key.</summary>
    /// <param name="publicKey">32 bytes, Ed25519.</param>
    public static NodeId Of(ReadOnlySpan<byte> publicKey)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(publicKey, hash);
        return new NodeId(Prefix + Convert.ToHexStringLower(hash[..16]));
    }

    /// <summary>The text form.</summary>
    public override string ToString() => Value;
}
