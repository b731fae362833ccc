namespace Flotilla.Ledger;

/// <summary>The answer to a join token.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Node">The node, when it is welcome.</param>
public sealed record RedeemResult(RedeemStatus Status, NodeRecord? Node);
