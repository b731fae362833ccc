using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.Core;
using Flotilla.Protocol.Receipts;

namespace Flotilla.Protocol.Tests.Receipts;

public sealed class ReceiptTests
{
    private static readonly string Json = Samples.Signed(Samples.Receipt).ToJson();

    [Fact]
    public void TryParse_WhatToJsonWrote_GivesTheSameReceipt()
    {
        Assert.Null(SignedReceipt.TryParse(Json, out var receipt));
        Assert.Equal(Samples.Signed(Samples.Receipt), receipt);
        Assert.Equal(Json, receipt!.ToJson());
        var alone = Samples.Signed(Samples.Receipt with { Node = null, Status = ReceiptStatus.Failed });
        Assert.Null(SignedReceipt.TryParse(alone.ToJson(), out receipt));
        Assert.Equal(alone, receipt);
    }

    [Fact]
    public void TryParse_PrettyPrintedAndReordered_IsTheSameReceipt()
    {
        var node = JsonNode.Parse(Json)!.AsObject();
        var turned = new JsonObject(node.Reverse().Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        Assert.Null(SignedReceipt.TryParse(turned.ToJsonString(new JsonSerializerOptions { WriteIndented = true }), out var receipt));
        Assert.Equal(Json, receipt!.ToJson());
    }

    [Fact]
    public void Json_IsASmallObjectWithTheAgreedNames()
    {
        Assert.InRange(Json.Length, 1000, 2500);
        using var document = JsonDocument.Parse(Json);
        Assert.Equal(["gateway_signature", "receipt", "salt"], Names(document.RootElement));
        var receipt = document.RootElement.GetProperty("receipt");
        Assert.Equal(
            [
                "accepted_unix_ms", "algorithm", "cached_tokens", "charge", "completion_tokens", "fee", "gateway_public_key", "hold_tx", "job_id", "model",
                "namespace_commit", "network", "node", "node_pay", "price", "prompt_tokens", "request_id", "settled_unix_ms", "status", "v",
            ],
            Names(receipt));
        Assert.Equal(["public_key", "signature", "work"], Names(receipt.GetProperty("node")));
        Assert.Equal(["cached_input", "input", "node_share_basis_points", "output"], Names(receipt.GetProperty("price")));
        Assert.Equal("flotilla-local", receipt.GetProperty("network").GetString());
        Assert.Equal("completed", receipt.GetProperty("status").GetString());
    }

    [Fact]
    public void TryParse_AnyMemberMissing_IsRefused()
    {
        var paths = Paths(JsonNode.Parse(Json)!.AsObject(), []).ToList();
        Assert.True(paths.Count > 40);
        foreach (var path in paths)
        {
            var root = JsonNode.Parse(Json)!.AsObject();
            Parent(root, path).Remove(path[^1]);
            Assert.NotNull(SignedReceipt.TryParse(root.ToJsonString(), out var receipt));
            Assert.Null(receipt);
        }
    }

    [Fact]
    public void TryParse_AnyMemberTooManyOrOfAnotherType_IsRefused()
    {
        foreach (var path in Paths(JsonNode.Parse(Json)!.AsObject(), []))
        {
            var root = JsonNode.Parse(Json)!.AsObject();
            Parent(root, path)["extra"] = 1;
            Assert.Contains("does not have", SignedReceipt.TryParse(root.ToJsonString(), out _), StringComparison.Ordinal);
            root = JsonNode.Parse(Json)!.AsObject();
            Parent(root, path)[path[^1]] = true;
            Assert.Contains(path[^1], SignedReceipt.TryParse(root.ToJsonString(), out _), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("v", "2")]
    [InlineData("algorithm", "\"rsa\"")]
    [InlineData("algorithm", "\"none\"")]
    [InlineData("status", "\"Completed\"")]
    [InlineData("status", "\"paid\"")]
    [InlineData("charge", "-1")]
    [InlineData("charge", "9007199254740992")]
    [InlineData("charge", "1.5")]
    public void TryParse_UnknownVersionAlgorithmOrValue_IsRefused(string member, string value)
    {
        var root = JsonNode.Parse(Json)!.AsObject();
        root["receipt"]![member] = JsonNode.Parse(value);
        Assert.Contains($"receipt.{member}", SignedReceipt.TryParse(root.ToJsonString(), out _), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("receipt")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"receipt\":{},\"receipt\":{}}")]
    public void Verify_TextThatIsNoReceipt_HasOneFailedCheck(string text)
    {
        var check = Assert.Single(ReceiptVerifier.Verify(text));
        Assert.Equal("format", check.Name);
        Assert.False(check.Passed);
    }

    [Fact]
    public void Verify_HugeText_IsRefusedByItsLength() =>
        Assert.Contains("16384", Assert.Single(ReceiptVerifier.Verify(new string(' ', 20_000))).Detail, StringComparison.Ordinal);

    [Fact]
    public void Verify_HonestReceipt_PassesEveryCheck()
    {
        var checks = ReceiptVerifier.Verify(Json, Samples.Receipt.GatewayPublicKey);
        Assert.All(checks, c => Assert.True(c.Passed, c.Name));
        Assert.Equal(["format", "gateway_signature", "gateway_key", "node_signature", "node_id", "same_job", "tokens", "charge", "split", "times"], checks.Select(c => c.Name));
    }

    [Fact]
    public void Verify_NodeLost_ChecksWhatIsLeft()
    {
        var receipt = Samples.Receipt with { Node = null, CompletionTokens = 0, PromptTokens = 0, CachedTokens = 0, ChargeMicro = 0, NodePayMicro = 0, FeeMicro = 0, Status = ReceiptStatus.Failed };
        var checks = ReceiptVerifier.Verify(Samples.Signed(receipt).ToJson());
        Assert.All(checks, c => Assert.True(c.Passed, c.Name));
        Assert.Equal(["format", "gateway_signature", "charge", "split", "times"], checks.Select(c => c.Name));
    }

    public static TheoryData<string, string> Lies => [.. Told.Select(l => (l.Key, l.Value.Check))];

    private static readonly Dictionary<string, (Func<Receipt, Receipt> Lie, string Check)> Told = new()
    {
        ["one µcr more"] = (r => r with { ChargeMicro = 331, FeeMicro = 100 }, "charge"),
        ["rounded down"] = (r => r with { Price = r.Price with { OutputPerMillion = 40_000_001 } }, "charge"),
        ["more cached than there is"] = (r => r with { CachedTokens = 13 }, "charge"),
        ["parts that do not add up"] = (r => r with { FeeMicro = 98 }, "split"),
        ["node gets more than its share"] = (r => r with { NodePayMicro = 232, FeeMicro = 98 }, "split"),
        ["more prompt than the node saw"] = (r => r with { PromptTokens = 13, ChargeMicro = 340, FeeMicro = 109 }, "tokens"),
        ["more tokens than the node made"] = (r => r with { CompletionTokens = 8, ChargeMicro = 410, FeeMicro = 179 }, "tokens"),
        ["work of another job"] = (r => r with { JobId = "job_2" }, "same_job"),
        ["work of another model"] = (r => r with { Model = "bigger" }, "same_job"),
        ["work changed after signing"] = (r => r with { Node = r.Node! with { Work = r.Node.Work with { CompletionTokens = 6 } } }, "node_signature"),
        ["another node's key"] = (r => r with { Node = NodeProof.Of(r.Node!.Work, Samples.GatewayKey.PublicKey, Samples.GatewayKey.Sign(r.Node.Work.SignedBytes())) }, "node_id"),
        ["a key that is none"] = (r => r with { Node = r.Node! with { PublicKey = "0OIl" } }, "node_id"),
        ["settled before accepted"] = (r => r with { SettledUnixMs = 1 }, "times"),
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void Verify_ReceiptThatLiesAndIsSigned_FailsThatCheck(string lie, string check)
    {
        var checks = ReceiptVerifier.Verify(Samples.Signed(Told[lie].Lie(Samples.Receipt)).ToJson());
        Assert.Contains(checks, c => c.Name == check && !c.Passed);
        Assert.Contains(checks, c => c.Name == "gateway_signature" && c.Passed);
    }

    [Fact]
    public void Verify_AnyMemberChangedAfterSigning_FailsTheGatewaysSignature()
    {
        foreach (var path in Paths(JsonNode.Parse(Json)!.AsObject(), []).Where(p => p[0] == "receipt" && p[^1] is not ("v" or "algorithm" or "status" or "cancelled")))
        {
            var root = JsonNode.Parse(Json)!.AsObject();
            var parent = Parent(root, path);
            if (parent[path[^1]] is not JsonValue value)
                continue;
            parent[path[^1]] = value.GetValueKind() == JsonValueKind.Number ? value.GetValue<long>() + 1 : value.GetValue<string>() + "x";
            Assert.Contains(ReceiptVerifier.Verify(root.ToJsonString()), c => c.Name == "gateway_signature" && !c.Passed);
        }
    }

    [Fact]
    public void Verify_SignedByAnotherGateway_FailsTheExpectedKey()
    {
        var checks = ReceiptVerifier.Verify(Json, Base58.Encode(Samples.NodeKey.PublicKey));
        Assert.Equal(["gateway_key"], checks.Where(c => !c.Passed).Select(c => c.Name));
    }

    [Fact]
    public void Sign_WithAKeyThatTheReceiptDoesNotName_Throws() => Assert.Throws<ArgumentException>(() => Samples.Receipt.Sign(Samples.NodeKey, Samples.Salt));

    private static List<string> Names(JsonElement value) => [.. value.EnumerateObject().Select(p => p.Name)];

    private static IEnumerable<string[]> Paths(JsonObject value, string[] prefix) => value.ToList().SelectMany(p =>
        p.Value is JsonObject inner ? [[.. prefix, p.Key], .. Paths(inner, [.. prefix, p.Key])] : (IEnumerable<string[]>)[[.. prefix, p.Key]]);

    private static JsonObject Parent(JsonObject root, string[] path) => path[..^1].Aggregate(root, (node, name) => node[name]!.AsObject());
}
