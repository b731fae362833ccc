using Flotilla.Core;

namespace Flotilla.Node.Links;

/// <summary>Who this node is to every gateway.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Id">The id that belongs to the key.</param>
/// <param name="Name">A name for people.</param>
/// <param name="JoinToken">The token that binds the key to an operator, or empty.</param>
internal sealed record NodeIdentity(SigningKey Key, NodeId Id, string Name, string JoinToken);
