using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>A key, without its secret.</summary>
/// <param name="Id">Names the key in lists and usage.</param>
/// <param name="Kind">What it opens.</param>
/// <param name="Namespace">The namespace it spends from; null for an admin key.</param>
/// <param name="Account">The account of that namespace; null for an admin key.</param>
/// <param name="Name">Given by whoever made it.</param>
/// <param name="Created">When.</param>
/// <param name="Revoked">When it was revoked; null while it is good.</param>
public sealed record KeyRecord(
    KeyId Id, KeyKind Kind, NamespaceId? Namespace, AccountId? Account, string Name, DateTimeOffset Created, DateTimeOffset? Revoked)
{
    /// <summary>Whether the key opens nothing any more.</summary>
    public bool IsRevoked => Revoked is not null;
}
