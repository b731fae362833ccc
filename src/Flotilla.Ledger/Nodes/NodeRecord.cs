using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>A node that joined with a token.</summary>
/// <param name="Id">Derived from its public key.</param>
/// <param name="Operator">The account that earns what it does.</param>
/// <param name="PublicKey">32 bytes, Ed25519.</param>
/// <param name="Joined">When.</param>
/// <param name="Revoked">When it was shut out; null while it is welcome.</param>
public sealed record NodeRecord(NodeId Id, AccountId Operator, ReadOnlyMemory<byte> PublicKey, DateTimeOffset Joined, DateTimeOffset? Revoked)
{
    /// <summary>Whether the node is shut out.</summary>
    public bool IsRevoked => Revoked is not null;
}
