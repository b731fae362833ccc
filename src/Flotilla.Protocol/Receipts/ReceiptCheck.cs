namespace Flotilla.Protocol.Receipts;

/// <summary>One thing that was checked about a receipt.</summary>
/// <param name="Name">Which: a stable word with underscores.</param>
/// <param name="Passed">Whether it holds.</param>
/// <param name="Detail">In a sentence, with the values.</param>
public sealed record ReceiptCheck(string Name, bool Passed, string Detail);
