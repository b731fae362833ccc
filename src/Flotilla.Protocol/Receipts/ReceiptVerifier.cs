using Flotilla.Core;

namespace Flotilla.Protocol.Receipts;

/// <summary>Checks a receipt with nothing but the receipt, and the gateway's key where one is expected. Needs no network.</summary>
public static class ReceiptVerifier
{
    /// <summary>Reads and checks a receipt.</summary>
    /// <param name="json">The receipt's text.</param>
    /// <param name="expectedGatewayKey">Base58; null: whoever signed it.</param>
    /// <returns>Every check that could be made, in a fixed order; the receipt holds if all passed. A text that is no receipt has one failed check, <c>format</c>.</returns>
    public static IReadOnlyList<ReceiptCheck> Verify(string json, string? expectedGatewayKey = null)
    {
        if (SignedReceipt.TryParse(json, out var signed) is { } fault)
            return [new ReceiptCheck("format", false, fault)];
        var receipt = signed!.Receipt;
        List<ReceiptCheck> checks =
        [
            new("format", true, $"A receipt of version {Receipt.Version}, {Receipt.Algorithm}, network {receipt.Network}."),
            new("gateway_signature", signed.HasValidSignature(), $"Signed by the gateway key {receipt.GatewayPublicKey}."),
        ];
        if (expectedGatewayKey is not null)
            checks.Add(new("gateway_key", expectedGatewayKey == receipt.GatewayPublicKey, $"The gateway key should be {expectedGatewayKey} and is {receipt.GatewayPublicKey}."));
        if (receipt.Node is { } node)
            checks.AddRange(NodeChecks(receipt, node));
        checks.AddRange([Charge(receipt), Split(receipt), Order(receipt)]);
        return checks;
    }

    private static IEnumerable<ReceiptCheck> NodeChecks(Receipt receipt, NodeProof node)
    {
        var work = node.Work;
        var keyIsReadable = Base58.TryDecode(node.PublicKey, out var key);
        var signatureIsReadable = Base58.TryDecode(node.Signature, out var signature);
        yield return new(
            "node_signature",
            keyIsReadable && signatureIsReadable && Ed25519.Verify(key, work.SignedBytes(), signature),
            $"The statement of the work is signed by the node key {node.PublicKey}.");
        var owner = keyIsReadable ? NodeId.Of(key).Value : "nobody";
        yield return new("node_id", owner == work.NodeId, $"The statement names {work.NodeId}; the key belongs to {owner}.");
        yield return new(
            "same_job",
            work.JobId == receipt.JobId && work.Model == receipt.Model,
            $"The node states {work.JobId} with {work.Model}; the receipt is for {receipt.JobId} with {receipt.Model}.");
        yield return new(
            "tokens",
            receipt.PromptTokens <= work.PromptTokens && receipt.CompletionTokens <= work.CompletionTokens,
            $"Charged are {receipt.PromptTokens} prompt and {receipt.CompletionTokens} completion tokens; the node states {work.PromptTokens} and {work.CompletionTokens}.");
    }

    private static ReceiptCheck Charge(Receipt receipt)
    {
        var cost = receipt.Price.Cost(receipt.PromptTokens, receipt.CachedTokens, receipt.CompletionTokens);
        return new(
            "charge",
            cost == receipt.ChargeMicro,
            $"{receipt.PromptTokens} prompt ({receipt.CachedTokens} of them cached) and {receipt.CompletionTokens} completion tokens cost {cost?.ToString() ?? "nothing that makes sense"} µcr; {receipt.ChargeMicro} µcr were charged.");
    }

    private static ReceiptCheck Split(Receipt receipt)
    {
        var whole = (Int128)receipt.NodePayMicro + receipt.FeeMicro;
        return new(
            "split",
            whole == receipt.ChargeMicro && receipt.NodePayMicro <= receipt.Price.NodePayMax(receipt.ChargeMicro),
            $"{receipt.NodePayMicro} µcr for the node and {receipt.FeeMicro} µcr for the network make {whole} of {receipt.ChargeMicro} µcr; the node's share is {receipt.Price.NodeShareBasisPoints} basis points.");
    }

    private static ReceiptCheck Order(Receipt receipt) => new(
        "times",
        receipt.AcceptedUnixMs <= receipt.SettledUnixMs,
        $"Accepted at {receipt.AcceptedUnixMs} and settled at {receipt.SettledUnixMs} (milliseconds since 1970).");
}
