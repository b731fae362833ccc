using System.Security.Cryptography;
using System.Text;
using Flotilla.Core;
using Flotilla.Ledger;

namespace Flotilla.Gateway.Nodes;

/// <summary>The ledger's node book, as the link asks it.</summary>
internal sealed class NodeBookRegistry(NodeBook book) : INodeRegistry
{
    /// <inheritdoc />
    /// <remarks>A node that is bound already enters without its token, which a start script goes on handing over after the first time.</remarks>
    public async ValueTask<NodeEntry> EnterAsync(byte[] publicKey, string joinToken)
    {
        if (book.Find(NodeId.Of(publicKey)) is { } known)
        {
            return known.IsRevoked || !known.PublicKey.Span.SequenceEqual(publicKey)
                ? new NodeEntry(NodeStanding.Revoked)
                : new NodeEntry(NodeStanding.Welcome, known.Operator);
        }

        if (joinToken.Length == 0)
            return new NodeEntry(NodeStanding.Unknown);
        // A text that cannot be a token must not cost a turn of the ledger's writer.
        if (!NodeBook.LooksLikeToken(joinToken))
            return new NodeEntry(NodeStanding.TokenRefused);
        RedeemResult redeemed;
        try
        {
            redeemed = await book.RedeemAsync(SHA256.HashData(Encoding.UTF8.GetBytes(joinToken)), publicKey);
        }
        catch (LedgerFullException)
        {
            return new NodeEntry(NodeStanding.Unavailable);
        }

        return redeemed.Status switch
        {
            RedeemStatus.Redeemed or RedeemStatus.AlreadyBoundToThisKey => new NodeEntry(NodeStanding.Welcome, redeemed.Node!.Operator),
            RedeemStatus.NodeRevoked => new NodeEntry(NodeStanding.Revoked),
            _ => new NodeEntry(NodeStanding.TokenRefused),
        };
    }

    /// <inheritdoc />
    public bool IsWelcome(NodeId id) => book.Find(id) is { IsRevoked: false };
}
