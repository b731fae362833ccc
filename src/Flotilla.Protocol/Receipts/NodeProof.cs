using Flotilla.Core;

namespace Flotilla.Protocol.Receipts;

/// <summary>A node's signed statement inside a receipt.</summary>
/// <param name="Work">What the node states.</param>
/// <param name="PublicKey">Its key, base58.</param>
/// <param name="Signature">Its signature over <see cref="WorkStatement.SignedBytes"/>, base58.</param>
public sealed record NodeProof(WorkStatement Work, string PublicKey, string Signature)
{
    /// <summary>A proof from the bytes of key and signature.</summary>
    public static NodeProof Of(WorkStatement work, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> signature) =>
        new(work, Base58.Encode(publicKey), Base58.Encode(signature));

    internal CanonicalJson AddTo(CanonicalJson json) => json
        .Add("public_key", PublicKey)
        .Add("signature", Signature)
        .Add("work", Work, static (work, json) => work.AddTo(json));
}
