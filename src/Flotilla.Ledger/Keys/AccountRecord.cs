using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>A person or organisation: owns namespaces, and earns through nodes.</summary>
/// <param name="Id">Names the account.</param>
/// <param name="Name">Given by whoever made it.</param>
/// <param name="Created">When.</param>
public sealed record AccountRecord(AccountId Id, string Name, DateTimeOffset Created);
