using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>One line of the list of balances.</summary>
/// <param name="Namespace">Whose money.</param>
/// <param name="Balance">How much.</param>
public readonly record struct NamespaceBalance(NamespaceId Namespace, Balance Balance);
