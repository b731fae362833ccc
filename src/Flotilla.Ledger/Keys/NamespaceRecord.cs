using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>A namespace: one balance, its keys and its usage.</summary>
/// <param name="Id">Names the namespace.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="Name">Given by whoever made it.</param>
/// <param name="Created">When.</param>
public sealed record NamespaceRecord(NamespaceId Id, AccountId Account, string Name, DateTimeOffset Created);
