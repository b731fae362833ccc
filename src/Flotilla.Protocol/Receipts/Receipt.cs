using Flotilla.Core;

namespace Flotilla.Protocol.Receipts;

/// <summary>What a job was, what it cost and who was paid. The gateway signs it; the node's own signed statement is inside.</summary>
/// <remarks>It holds nothing of the content and nobody's name: whoever has the salt can open the commitments.</remarks>
public sealed record Receipt
{
    /// <summary>The one version there is.</summary>
    public const int Version = 1;

    /// <summary>The one signature algorithm there is.</summary>
    public const string Algorithm = "ed25519";

    /// <summary>The ledger of a gateway, as against a public chain.</summary>
    public const string LocalNetwork = "flotilla-local";

    /// <summary>The job.</summary>
    public required string JobId { get; init; }

    /// <summary>The request that caused it.</summary>
    public required string RequestId { get; init; }

    /// <summary>The hold, as <see cref="TransferId"/>.</summary>
    public required string HoldTx { get; init; }

    /// <summary>The signing gateway's key, base58.</summary>
    public required string GatewayPublicKey { get; init; }

    /// <summary><see cref="Commitments.Of"/> salt and the namespace id's UTF-8, hexadecimal.</summary>
    public required string NamespaceCommit { get; init; }

    /// <summary>The model's canonical name.</summary>
    public required string Model { get; init; }

    /// <summary>The node's statement; null where the node was lost before it gave one.</summary>
    public NodeProof? Node { get; init; }

    /// <summary>The frozen price.</summary>
    public required ReceiptPrice Price { get; init; }

    /// <summary>Prompt tokens that were charged, with the cached ones.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Cached prompt tokens that were charged.</summary>
    public required long CachedTokens { get; init; }

    /// <summary>Generated tokens that were charged.</summary>
    public required long CompletionTokens { get; init; }

    /// <summary>What the namespace paid, in micro-credits.</summary>
    public required long ChargeMicro { get; init; }

    /// <summary>What of it the node's operator got.</summary>
    public required long NodePayMicro { get; init; }

    /// <summary>What of it the network kept.</summary>
    public required long FeeMicro { get; init; }

    /// <summary>How the job ended.</summary>
    public required ReceiptStatus Status { get; init; }

    /// <summary>When the credits were held, in milliseconds since 1970.</summary>
    public required long AcceptedUnixMs { get; init; }

    /// <summary>When they were settled.</summary>
    public required long SettledUnixMs { get; init; }

    /// <summary>Where the money moved.</summary>
    public string Network { get; init; } = LocalNetwork;

    /// <summary>The bytes that the gateway signs: a label line and the canonical JSON.</summary>
    /// <exception cref="OverflowException">A number is 2⁵³ or more.</exception>
    public byte[] SignedBytes() => AddTo(new CanonicalJson()).ToUtf8("flotilla-receipt-v1\n"u8);

    /// <summary>Signs the receipt.</summary>
    /// <param name="gateway">The key that <see cref="GatewayPublicKey"/> names.</param>
    /// <param name="salt">The job's salt, which opens the commitments.</param>
    /// <exception cref="ArgumentException">It is another key.</exception>
    public SignedReceipt Sign(SigningKey gateway, ReadOnlySpan<byte> salt)
    {
        if (Base58.Encode(gateway.PublicKey) != GatewayPublicKey)
            throw new ArgumentException($"The receipt names the gateway key {GatewayPublicKey}, and another one shall sign it.", nameof(gateway));
        return new SignedReceipt(this, Base58.Encode(gateway.Sign(SignedBytes())), Convert.ToHexStringLower(salt));
    }

    internal static string NameOf(ReceiptStatus status) => status switch
    {
        ReceiptStatus.Completed => "completed",
        ReceiptStatus.Cancelled => "cancelled",
        ReceiptStatus.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "This status has no name."),
    };

    internal CanonicalJson AddTo(CanonicalJson json) => json
        .Add("accepted_unix_ms", AcceptedUnixMs)
        .Add("algorithm", Algorithm)
        .Add("cached_tokens", CachedTokens)
        .Add("charge", ChargeMicro)
        .Add("completion_tokens", CompletionTokens)
        .Add("fee", FeeMicro)
        .Add("gateway_public_key", GatewayPublicKey)
        .Add("hold_tx", HoldTx)
        .Add("job_id", JobId)
        .Add("model", Model)
        .Add("namespace_commit", NamespaceCommit)
        .Add("network", Network)
        .Add("node", Node, static (node, json) => node.AddTo(json))
        .Add("node_pay", NodePayMicro)
        .Add("price", Price, static (price, json) => price.AddTo(json))
        .Add("prompt_tokens", PromptTokens)
        .Add("request_id", RequestId)
        .Add("settled_unix_ms", SettledUnixMs)
        .Add("status", NameOf(Status))
        .Add("v", Version);
}
