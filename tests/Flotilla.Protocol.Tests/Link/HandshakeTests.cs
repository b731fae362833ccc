using System.Text;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.Tests.Receipts;
using Google.Protobuf;

namespace Flotilla.Protocol.Tests.Link;

public sealed class HandshakeTests
{
    private static Challenge Challenge => new() { GatewayNonce = Bytes(0x11), Versions = { 1, 2 } };

    [Fact]
    public void NodeTranscript_IsExactlyTheseBytes()
    {
        var expected = new List<byte>();
        expected.AddRange("flotilla-link-v1 node\0"u8.ToArray());
        Field(expected, Bytes(0x11).ToByteArray());
        Field(expected, [1, 0, 0, 0, 2, 0, 0, 0]);
        Field(expected, Samples.NodeKey.PublicKey.ToArray());
        Field(expected, Bytes(0x22).ToByteArray());
        Field(expected, "gw.example:8080"u8.ToArray());
        Field(expected, [1, 0, 0, 0]);
        Field(expected, [1, 0, 0, 0]);
        Field(expected, "jt-flt-1"u8.ToArray());
        Field(expected, new byte[8]);
        Assert.Equal(expected, Handshake.NodeTranscript(Challenge, SignedHello()));
    }

    [Fact]
    public void GatewayTranscript_DiffersInLabelAndEpoch()
    {
        var node = Encoding.Latin1.GetString(Handshake.NodeTranscript(Challenge, SignedHello()));
        var gateway = Encoding.Latin1.GetString(Handshake.GatewayTranscript(Challenge, SignedHello(), 0x0102));
        Assert.Equal(node.Replace(" node\0", " gateway\0", StringComparison.Ordinal)[..^8] + "\u0002\u0001\0\0\0\0\0\0", gateway);
    }

    [Fact]
    public void VerifyNode_HonestHello_Holds() => Assert.True(Handshake.VerifyNode(Challenge, SignedHello()));

    public static TheoryData<string> HelloChanges => [.. ChangedHello.Keys];

    private static readonly Dictionary<string, Action<Hello>> ChangedHello = new()
    {
        ["key"] = h => h.PublicKey = ByteString.CopyFrom(Samples.GatewayKey.PublicKey),
        ["no key"] = h => h.PublicKey = ByteString.Empty,
        ["nonce"] = h => h.NodeNonce = Bytes(0x23),
        ["short nonce"] = h => h.NodeNonce = ByteString.CopyFrom(new byte[31]),
        ["origin"] = h => h.Origin = "evil.example:8080",
        ["offered"] = h => h.OfferedVersions.Add(2),
        ["chosen"] = h => h.ChosenVersion = 2,
        ["token"] = h => h.JoinToken = "jt-flt-2",
        ["no token"] = h => h.JoinToken = "",
        ["signature"] = h => h.Signature = ByteString.CopyFrom(new byte[64]),
        ["no signature"] = h => h.Signature = ByteString.Empty,
    };

    [Theory]
    [MemberData(nameof(HelloChanges))]
    public void VerifyNode_HelloChangedAfterSigning_Fails(string change)
    {
        var hello = SignedHello();
        ChangedHello[change](hello);
        Assert.False(Handshake.VerifyNode(Challenge, hello));
    }

    [Fact]
    public void VerifyNode_ReplayUnderAnotherChallenge_Fails()
    {
        var nonce = Challenge;
        nonce.GatewayNonce = Bytes(0x12);
        Assert.False(Handshake.VerifyNode(nonce, SignedHello()));
        var versions = Challenge;
        versions.Versions.RemoveAt(1);
        Assert.False(Handshake.VerifyNode(versions, SignedHello()));
    }

    [Fact]
    public void VerifyNode_ShortNonceThatWasSigned_FailsAllTheSame()
    {
        var hello = SignedHello(h => h.NodeNonce = ByteString.CopyFrom(new byte[8]));
        Assert.False(Handshake.VerifyNode(Challenge, hello));
    }

    [Fact]
    public void VerifyGateway_HonestWelcome_HoldsAndAnyChangeFails()
    {
        Assert.True(Handshake.VerifyGateway(Challenge, SignedHello(), SignedWelcome()));
        Action<Welcome>[] changes =
        [
            w => w.SessionEpoch++, w => w.GatewayPublicKey = ByteString.CopyFrom(Samples.NodeKey.PublicKey), w => w.GatewayPublicKey = ByteString.Empty,
            w => w.Signature = ByteString.CopyFrom(new byte[64]), w => w.Signature = ByteString.Empty,
        ];
        foreach (var change in changes)
        {
            var welcome = SignedWelcome();
            change(welcome);
            Assert.False(Handshake.VerifyGateway(Challenge, SignedHello(), welcome));
        }

        Assert.False(Handshake.VerifyGateway(Challenge, SignedHello(h => h.NodeNonce = Bytes(0x24)), SignedWelcome()));
    }

    [Fact]
    public void VerifyGateway_NodesOwnSignatureReflected_Fails()
    {
        var hello = SignedHello();
        var reflected = new Welcome { SessionEpoch = 0, GatewayPublicKey = hello.PublicKey, Signature = hello.Signature };
        Assert.False(Handshake.VerifyGateway(Challenge, hello, reflected));
    }

    private static Hello SignedHello(Action<Hello>? before = null)
    {
        var hello = new Hello
        {
            PublicKey = ByteString.CopyFrom(Samples.NodeKey.PublicKey),
            NodeNonce = Bytes(0x22),
            Origin = "gw.example:8080",
            OfferedVersions = { 1 },
            ChosenVersion = 1,
            JoinToken = "jt-flt-1",
            Name = "not signed",
        };
        before?.Invoke(hello);
        hello.Signature = ByteString.CopyFrom(Samples.NodeKey.Sign(Handshake.NodeTranscript(Challenge, hello)));
        return hello;
    }

    private static Welcome SignedWelcome() => new()
    {
        SessionEpoch = 7,
        GatewayPublicKey = ByteString.CopyFrom(Samples.GatewayKey.PublicKey),
        Signature = ByteString.CopyFrom(Samples.GatewayKey.Sign(Handshake.GatewayTranscript(Challenge, SignedHello(), 7))),
    };

    private static void Field(List<byte> target, byte[] value)
    {
        target.AddRange(BitConverter.GetBytes(value.Length));
        target.AddRange(value);
    }

    private static ByteString Bytes(byte value) => ByteString.CopyFrom([.. Enumerable.Repeat(value, LinkLimits.NonceBytes)]);
}
