using System.Buffers.Binary;
using System.Text;
using Flotilla.Core;
using Google.Protobuf.Collections;

namespace Flotilla.Protocol.Link;

/// <summary>What both ends sign when a node connects.</summary>
/// <remarks>
/// The transcript holds both nonces (no replay), the origin that the node dialled (no relay through another gateway) and
/// the offered and chosen versions (no downgrade). Layout: the label, a zero byte, then each field as a 32-bit
/// little-endian length and its bytes; docs/node-protocol.md has an example.
/// </remarks>
public static class Handshake
{
    private const string NodeLabel = "flotilla-link-v1 node";
    private const string GatewayLabel = "flotilla-link-v1 gateway";

    /// <summary>What the node signs in its <see cref="Hello"/>; the Hello's own signature is not part of it.</summary>
    public static byte[] NodeTranscript(Challenge challenge, Hello hello) => Transcript(NodeLabel, challenge, hello, 0);

    /// <summary>What the gateway signs in its <see cref="Welcome"/>.</summary>
    public static byte[] GatewayTranscript(Challenge challenge, Hello hello, ulong sessionEpoch) => Transcript(GatewayLabel, challenge, hello, sessionEpoch);

    /// <summary>Whether the Hello answers this challenge and was signed by the key it names.</summary>
    public static bool VerifyNode(Challenge challenge, Hello hello) =>
        hello.NodeNonce.Length == LinkLimits.NonceBytes
        && Ed25519.Verify(hello.PublicKey.Span, NodeTranscript(challenge, hello), hello.Signature.Span);

    /// <summary>Whether the Welcome was signed, for this very handshake, by the key it names.</summary>
    public static bool VerifyGateway(Challenge challenge, Hello hello, Welcome welcome) =>
        Ed25519.Verify(welcome.GatewayPublicKey.Span, GatewayTranscript(challenge, hello, welcome.SessionEpoch), welcome.Signature.Span);

    private static byte[] Transcript(string label, Challenge challenge, Hello hello, ulong sessionEpoch)
    {
        using var bytes = new MemoryStream();
        bytes.Write(Encoding.ASCII.GetBytes(label));
        bytes.WriteByte(0);
        Field(bytes, challenge.GatewayNonce.Span);
        Field(bytes, Versions(challenge.Versions));
        Field(bytes, hello.PublicKey.Span);
        Field(bytes, hello.NodeNonce.Span);
        Field(bytes, Encoding.UTF8.GetBytes(hello.Origin));
        Field(bytes, Versions(hello.OfferedVersions));
        Field(bytes, Versions([hello.ChosenVersion]));
        Field(bytes, Encoding.UTF8.GetBytes(hello.JoinToken));
        Span<byte> epoch = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(epoch, sessionEpoch);
        Field(bytes, epoch);
        return bytes.ToArray();
    }

    private static void Field(MemoryStream bytes, ReadOnlySpan<byte> value)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, value.Length);
        bytes.Write(length);
        bytes.Write(value);
    }

    private static byte[] Versions(RepeatedField<uint> versions)
    {
        var bytes = new byte[versions.Count * sizeof(uint)];
        for (var i = 0; i < versions.Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), versions[i]);
        return bytes;
    }
}
