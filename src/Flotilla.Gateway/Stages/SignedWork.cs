using Flotilla.Protocol.Receipts;

namespace Flotilla.Gateway.Stages;

/// <summary>A node's statement about the job, with the signature that the link has checked.</summary>
/// <param name="Statement">What the node states.</param>
/// <param name="PublicKey">The node's key, 32 bytes.</param>
/// <param name="Signature">64 bytes.</param>
internal sealed record SignedWork(WorkStatement Statement, ReadOnlyMemory<byte> PublicKey, ReadOnlyMemory<byte> Signature);
