using Flotilla.Core;
using Flotilla.Protocol.Receipts;

namespace Flotilla.Protocol.Tests.Receipts;

/// <summary>One consistent job, as node and gateway would sign it.</summary>
internal static class Samples
{
    public static readonly SigningKey NodeKey = SigningKey.FromSeed([.. Enumerable.Repeat((byte)1, 32)]);
    public static readonly SigningKey GatewayKey = SigningKey.FromSeed([.. Enumerable.Repeat((byte)2, 32)]);
    public static readonly byte[] Salt = [.. Enumerable.Repeat((byte)3, 32)];

    public static WorkStatement Work => new()
    {
        JobId = "job_1",
        Attempt = 1,
        NodeId = NodeId.Of(NodeKey.PublicKey).Value,
        Model = "demo",
        ModelDigest = new string('a', 64),
        NumericsId = "flotilla-numerics-1",
        InputCommit = new string('b', 64),
        OutputCommit = new string('c', 64),
        Seed = "18446744073709551615",
        TraceRoot = new string('d', 64),
        PromptTokens = 12,
        CachedTokens = 4,
        CompletionTokens = 7,
        FinishedUnixMs = 1_700_000_000_500,
        Cancelled = false,
    };

    // 8 × 10 + 4 × 2.5 + 6 × 40 = 330 µcr; 70 % of it are 231.
    public static Receipt Receipt => new()
    {
        JobId = "job_1",
        RequestId = "req_1",
        HoldTx = "tx_1",
        GatewayPublicKey = Base58.Encode(GatewayKey.PublicKey),
        NamespaceCommit = Commitments.Of(Salt, "ns_1"u8),
        Model = "demo",
        Node = NodeProof.Of(Work, NodeKey.PublicKey, NodeKey.Sign(Work.SignedBytes())),
        Price = new ReceiptPrice { InputPerMillion = 10_000_000, CachedInputPerMillion = 2_500_000, OutputPerMillion = 40_000_000, NodeShareBasisPoints = 7000 },
        PromptTokens = 12,
        CachedTokens = 4,
        CompletionTokens = 6,
        ChargeMicro = 330,
        NodePayMicro = 231,
        FeeMicro = 99,
        Status = ReceiptStatus.Completed,
        AcceptedUnixMs = 1_700_000_000_000,
        SettledUnixMs = 1_700_000_001_000,
    };

    public static SignedReceipt Signed(Receipt receipt) => receipt.Sign(GatewayKey, Salt);
}
