using System.Text;
using Flotilla.Core;

namespace Flotilla.Protocol.Receipts;

/// <summary>What a gateway states, and signs, about the credits that it holds for a job: the header <c>x-flotilla-hold</c> is its text, <c>x-flotilla-tx-signature</c> the signature in base58.</summary>
public sealed record HoldStatement
{
    /// <summary>The job.</summary>
    public required string JobId { get; init; }

    /// <summary>The pending transfer, as <see cref="Core.TransferId"/>.</summary>
    public required string TransferId { get; init; }

    /// <summary>The most that the job can cost, in micro-credits.</summary>
    public required long AmountMicro { get; init; }

    /// <summary>When an unsettled hold lapses, in milliseconds since 1970.</summary>
    public required long ExpiresUnixMs { get; init; }

    private static ReadOnlySpan<byte> Label => "flotilla-hold-v1\n"u8;

    /// <summary>The bytes that are signed: a label line and the canonical JSON.</summary>
    /// <exception cref="OverflowException">A number is 2⁵³ or more.</exception>
    public byte[] SignedBytes() => new CanonicalJson()
        .Add("amount", AmountMicro)
        .Add("expires_unix_ms", ExpiresUnixMs)
        .Add("job_id", JobId)
        .Add("transfer_id", TransferId)
        .ToUtf8(Label);

    /// <summary>Signs the statement.</summary>
    /// <returns>Its canonical JSON, and the signature in base58.</returns>
    /// <exception cref="OverflowException">A number is 2⁵³ or more.</exception>
    public (string Text, string Signature) Sign(SigningKey gateway)
    {
        var bytes = SignedBytes();
        return (Encoding.UTF8.GetString(bytes.AsSpan(Label.Length)), Base58.Encode(gateway.Sign(bytes)));
    }

    /// <summary>Whether the gateway with this key signed this statement.</summary>
    public bool Verify(ReadOnlySpan<byte> gatewayKey, ReadOnlySpan<byte> signature) => Ed25519.Verify(gatewayKey, SignedBytes(), signature);
}
