namespace Flotilla.Protocol.Receipts;

/// <summary>The bounds of a receipt that somebody hands in to be checked.</summary>
public static class ReceiptLimits
{
    /// <summary>Longest receipt text: the ledger stores at most as much, and a transparency log's entry has a 16-bit length.</summary>
    public const int TextBytesMax = 16 * 1024;

    /// <summary>Characters of any text in it: the longest is a model's name or a base58 signature.</summary>
    public const int TextCharsMax = Link.LinkLimits.NameCharsMax;
}
