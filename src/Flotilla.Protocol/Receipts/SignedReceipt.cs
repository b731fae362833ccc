using Flotilla.Core;

namespace Flotilla.Protocol.Receipts;

/// <summary>A receipt with the gateway's signature, and the salt that its owner keeps.</summary>
/// <param name="Receipt">What was signed.</param>
/// <param name="GatewaySignature">Base58. It is also the settlement's id: header <c>x-flotilla-settlement-tx</c>.</param>
/// <param name="Salt">Hexadecimal. Whoever publishes the receipt leaves it out.</param>
public sealed record SignedReceipt(Receipt Receipt, string GatewaySignature, string Salt)
{
    /// <summary>The one JSON text of this receipt: what the API answers and <c>flotilla verify</c> reads.</summary>
    public string ToJson() => new CanonicalJson()
        .Add("gateway_signature", GatewaySignature)
        .Add("receipt", Receipt, static (receipt, json) => receipt.AddTo(json))
        .Add("salt", Salt)
        .ToString();

    /// <summary>Reads a receipt; its signatures are not checked yet, see <see cref="ReceiptVerifier"/>.</summary>
    /// <param name="json">The text; white space and the order of members are free.</param>
    /// <param name="receipt">The receipt, when the answer is null.</param>
    /// <returns>Null, or what is wrong: unknown and missing members, other versions and algorithms are refused.</returns>
    public static string? TryParse(string json, out SignedReceipt? receipt) => ReceiptReader.TryRead(json, out receipt);

    internal bool HasValidSignature() =>
        Base58.TryDecode(Receipt.GatewayPublicKey, out var key) && Base58.TryDecode(GatewaySignature, out var signature)
        && Ed25519.Verify(key, Receipt.SignedBytes(), signature);
}
