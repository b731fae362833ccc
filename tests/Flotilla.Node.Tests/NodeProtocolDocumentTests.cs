using System.Globalization;
using System.Text;
using Flotilla.Core;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.Receipts;
using Google.Protobuf;

namespace Flotilla.Node.Tests;

/// <summary>Holds docs/node-protocol.md: whoever writes a node from it must get these very bytes.</summary>
public sealed class NodeProtocolDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "node-protocol.md"));

    private static readonly SigningKey NodeKey = SigningKey.FromSeed(Filled(0x01));
    private static readonly SigningKey GatewayKey = SigningKey.FromSeed(Filled(0x02));

    private static readonly Challenge Challenge = new() { GatewayNonce = ByteString.CopyFrom(Filled(0xA0)), Versions = { 1 } };

    private static readonly Hello Hello = new()
    {
        PublicKey = ByteString.CopyFrom(NodeKey.PublicKey),
        NodeNonce = ByteString.CopyFrom(Filled(0xB0)),
        Origin = "gateway.example:8443",
        OfferedVersions = { 1 },
        ChosenVersion = 1,
        JoinToken = "jt-flt-example",
    };

    public static TheoryData<string, string> Examples
    {
        get
        {
            var node = Handshake.NodeTranscript(Challenge, Hello);
            var gateway = Handshake.GatewayTranscript(Challenge, Hello, sessionEpoch: 7);
            var statement = Statement();
            return new TheoryData<string, string>
            {
                { "node-key", Hex(NodeKey.PublicKey) },
                { "node-id", NodeId.Of(NodeKey.PublicKey).Value },
                { "gateway-key", Hex(GatewayKey.PublicKey) },
                { "node-transcript", Hex(node) },
                { "node-signature", Hex(NodeKey.Sign(node)) },
                { "gateway-transcript", Hex(gateway) },
                { "gateway-signature", Hex(GatewayKey.Sign(gateway)) },
                { "choice-0", Hex([0xFF, 1, 0, 0, 0, .. "Hello world"u8, 0xFF, 3, 0, 0, 0, .. "add"u8, 0xFF, 4, 0, 0, 0, .. "{\"a\":1}"u8]) },
                { "input-commit", statement.InputCommit },
                { "output-commit", statement.OutputCommit },
                { "statement", Encoding.UTF8.GetString(statement.SignedBytes())["flotilla-work-v1\n".Length..] },
                { "work-signature", Hex(NodeKey.Sign(statement.SignedBytes())) },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_is_what_the_code_computes(string name, string value) =>
        Assert.True(Compact(Document).Contains(Compact(value), StringComparison.Ordinal), $"{name}={value}");

    [Theory]
    [InlineData("frame", LinkLimits.FrameBytesMax, " bytes")]
    [InlineData("request bytes in one Job or JobPart", LinkLimits.RequestPartBytesMax, "")]
    [InlineData("whole request", LinkLimits.RequestBytesMax, " bytes")]
    [InlineData("window", LinkLimits.WindowBytes, " bytes")]
    [InlineData("nonce, salt", LinkLimits.NonceBytes, " bytes")]
    [InlineData("models of a node", LinkLimits.ModelsMax, "")]
    [InlineData("slots of a node", LinkLimits.SlotsMax, "")]
    [InlineData("voices of a model", LinkLimits.VoicesMax, "")]
    [InlineData("choices of a job", OpenAiLimits.ChoicesTotalMax, "")]
    [InlineData("characters of a name", LinkLimits.NameCharsMax, "")]
    [InlineData("characters of a message", LinkLimits.MessageCharsMax, "")]
    [InlineData("characters of an origin", LinkLimits.OriginCharsMax, "")]
    [InlineData("characters of a node's name", LinkLimits.NodeNameCharsMax, "")]
    [InlineData("characters of a join token", LinkLimits.JoinTokenCharsMax, "")]
    [InlineData("tokens of a context", (int)LinkLimits.ContextTokensMax, "")]
    [InlineData("bytes of a token with log probabilities", LinkLimits.TokenBytesMax, "")]
    [InlineData("log probabilities of a job's prompts", (int)LinkLimits.PromptLogprobsMax, "")]
    [InlineData("fragments without a byte", LinkLimits.EmptyFragmentsMax, "")]
    public void The_table_of_limits_is_that_of_the_code(string what, int value, string unit) =>
        Assert.Contains($"| {what} | {value.ToString("N0", CultureInfo.InvariantCulture)}{unit} |", Document, StringComparison.Ordinal);

    [Fact]
    public void The_other_constants_are_those_of_the_code()
    {
        Assert.Contains($"| handshake | {LinkLimits.HandshakeTimeout.TotalSeconds} s |", Document, StringComparison.Ordinal);
        Assert.Contains($"| heartbeat | {LinkLimits.Heartbeat.TotalSeconds} s |", Document, StringComparison.Ordinal);
        Assert.Contains($"| silence | {LinkLimits.SilenceMax.TotalSeconds} s |", Document, StringComparison.Ordinal);
        Assert.Contains($"| ping | {LinkLimits.PingInterval.TotalSeconds} s |", Document, StringComparison.Ordinal);
        Assert.Contains($"| answer to a ping | {LinkLimits.PingTimeout.TotalSeconds} s |", Document, StringComparison.Ordinal);
        Assert.Equal(LinkLimits.NonceBytes, LinkLimits.SaltBytes);
        Assert.Contains($"subprotocol `{LinkLimits.Subprotocol}`", Document, StringComparison.Ordinal);
        Assert.Contains($"wss://HOST[:PORT]{LinkLimits.Path}`", Document, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_reason_and_code_of_the_grammar_is_explained()
    {
        var refusals = Enum.GetValues<Refused.Types.Reason>().Where(r => r != Refused.Types.Reason.Unspecified).Select(r => r.ToString());
        var failures = Enum.GetValues<Failed.Types.Code>().Where(c => c != Failed.Types.Code.Unspecified).Select(c => c.ToString());
        var rejections = Enum.GetValues<Rejected.Types.Reason>().Where(r => r != Rejected.Types.Reason.Unspecified).Select(r => r.ToString());
        var words = Compact(Document).Replace("_", "", StringComparison.Ordinal);
        Assert.All(refusals.Concat(failures).Concat(rejections), name => Assert.Contains($"`{name.ToUpperInvariant()}`", words, StringComparison.Ordinal));
    }

    private static WorkStatement Statement()
    {
        var salt = Filled(0xC0);
        using var output = new OutputDigest();
        output.Append(0, OutputKind.Text, 0, "Hello");
        output.Append(0, OutputKind.Text, 0, " world");
        output.Append(0, OutputKind.ToolName, 0, "add");
        output.Append(0, OutputKind.ToolArguments, 0, "{\"a\":1}");
        output.Append(2, OutputKind.Text, 0, "é");
        return new WorkStatement
        {
            JobId = "job_00000000000000000000000000000001",
            Attempt = 1,
            NodeId = NodeId.Of(NodeKey.PublicKey).Value,
            Model = "demo",
            ModelDigest = "",
            NumericsId = "",
            InputCommit = Commitments.Of(salt, [0x0A, 0x00]),
            OutputCommit = Hex(output.Commit(salt)),
            Seed = ulong.MaxValue.ToString(CultureInfo.InvariantCulture),
            TraceRoot = "",
            PromptTokens = 12,
            CachedTokens = 0,
            CompletionTokens = 9,
            FinishedUnixMs = 1_767_225_600_000,
            Cancelled = false,
        };
    }

    private static byte[] Filled(byte value) => [.. Enumerable.Repeat(value, 32)];

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    // Long values are broken into lines on the page.
    private static string Compact(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
