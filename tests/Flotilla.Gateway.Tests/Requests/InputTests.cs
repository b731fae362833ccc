using System.Buffers.Binary;
using System.Net;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;
using Google.Protobuf;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Embeddings, reranking and moderation through the public door: a real node, a real link, real money.</summary>
public sealed class InputTests
{
    private const string Model = "inputs";

    [Fact]
    public async Task Embeddings_of_texts_are_numbers_in_the_inputs_order_and_cost_their_tokens()
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.PostAsync("/v1/embeddings", """{"model":"inputs","input":["a","b"],"user":"u"}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await GatewayFixture.JsonAsync(response);
        Assert.Equal("list", body.GetProperty("object").GetString());
        Assert.Equal(Model, body.GetProperty("model").GetString());
        var data = body.GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal([0, 1], data.Select(d => d.GetProperty("index").GetInt32()));
        Assert.All(data, d => Assert.Equal("embedding", d.GetProperty("object").GetString()));
        Assert.Equal([1.5f, 0, 0, -1], data[1].GetProperty("embedding").EnumerateArray().Select(v => v.GetSingle()));
        Assert.Equal(14, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(14, body.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        var job = await gateway.WhenSettledAsync(response.Headers.GetValues("x-flotilla-job-id").Single());
        Assert.Equal("completed", job.GetProperty("status").GetString());
        Assert.Equal("Embeddings", job.GetProperty("endpoint").GetString());
        Assert.Equal(14, job.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(0, job.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal(JsonValueKind.Null, job.GetProperty("finish_reason").ValueKind);
        Assert.True(Credits.TryParse(job.GetProperty("credits_charged").GetString()!, out var charged));
        Assert.Equal(gateway.App.Ledger.Prices.Current.For(Model).Cost(14, 0, 0), charged);
        Assert.True(charged > Credits.Zero);
    }

    [Theory]
    [InlineData("\"a text\"", 1)]
    [InlineData("[1,2,3]", 1)]
    [InlineData("[[1,2],[3]]", 2)]
    public async Task Embeddings_as_base64_are_the_nodes_own_bytes(string input, int count)
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.PostAsync("/v1/embeddings", $$"""{"model":"inputs","input":{{input}},"encoding_format":"base64","dimensions":3}""");

        var data = (await GatewayFixture.JsonAsync(response)).GetProperty("data");
        Assert.Equal(count, data.GetArrayLength());
        var bytes = data[0].GetProperty("embedding").GetBytesFromBase64();
        Assert.Equal([0.5f, 0, -1], Enumerable.Range(0, 3).Select(i => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * 4))));
        Assert.Equal(12, bytes.Length);
    }

    [Fact]
    public async Task Embeddings_where_no_model_embeds_are_a_400_for_any_name()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        foreach (var model in new[] { GatewayFixture.Model, "nobody-knows-it" })
        {
            using var response = await gateway.PostAsync("/v1/embeddings", $$"""{"model":"{{model}}","input":"a"}""");
            var error = await GatewayFixture.ErrorAsync(response);
            Assert.Equal((400, "invalid_request_error", "model"), (error.Status, error.Type, error.Param));
        }
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"inputs","messages":[{"role":"user","content":"hi"}]}""")]
    [InlineData("/v1/completions", """{"model":"inputs","prompt":"hi"}""")]
    [InlineData("/v1/embeddings", """{"model":"scripted","input":"hi"}""")]
    [InlineData("/v1/rerank", """{"model":"scripted","query":"q","documents":["d"]}""")]
    [InlineData("/v1/moderations", """{"model":"scripted","input":"hi"}""")]
    public async Task A_model_that_is_not_for_the_endpoint_is_a_400(string path, string body)
    {
        await using var gateway = await StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.PostAsync(path, body);

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, "model_not_for_endpoint", "model"), (error.Status, error.Code, error.Param));
    }

    [Fact]
    public async Task Reranking_gives_the_best_documents_first_and_no_more_than_asked_for()
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.PostAsync(
            "/v1/rerank", """{"model":"inputs","query":"q","documents":["zero",{"text":"one"},"two"],"top_n":2,"return_documents":true}""");

        var body = await GatewayFixture.JsonAsync(response);
        var results = body.GetProperty("results").EnumerateArray().ToArray();
        Assert.StartsWith("rerank-", body.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal([0, 1], results.Select(r => r.GetProperty("index").GetInt32()));
        Assert.Equal([1, 0.5], results.Select(r => r.GetProperty("relevance_score").GetDouble()));
        Assert.Equal("one", results[1].GetProperty("document").GetProperty("text").GetString());
        Assert.Equal(21, body.GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task Moderation_has_thirteen_categories_for_every_input()
    {
        await using var gateway = await StartAsync(o => o with { Aliases = new Dictionary<string, string> { ["omni-moderation-latest"] = Model } });

        using var response = await gateway.PostAsync("/v1/moderations", """{"input":["I will kill you","Good morning"]}""");

        var body = await GatewayFixture.JsonAsync(response);
        Assert.StartsWith("modr-", body.GetProperty("id").GetString(), StringComparison.Ordinal);
        var results = body.GetProperty("results").EnumerateArray().ToArray();
        Assert.Equal([true, false], results.Select(r => r.GetProperty("flagged").GetBoolean()));
        Assert.Equal(["violence"], results[0].GetProperty("categories").EnumerateObject().Where(c => c.Value.GetBoolean()).Select(c => c.Name));
        Assert.Equal(0.75, results[0].GetProperty("category_scores").GetProperty("violence").GetDouble());
        Assert.All(results, r => Assert.Equal(13, r.GetProperty("categories").EnumerateObject().Count()));
        Assert.All(results, r => Assert.Equal(13, r.GetProperty("category_scores").EnumerateObject().Count()));
        Assert.All(results, r => Assert.Equal(13, r.GetProperty("category_applied_input_types").EnumerateObject().Count()));
    }

    [Fact]
    public async Task Parts_of_text_are_moderated_as_one_input()
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.PostAsync("/v1/moderations", """{"model":"inputs","input":[{"type":"text","text":"I will"},{"type":"text","text":"kill you"}]}""");

        Assert.True(Assert.Single((await GatewayFixture.JsonAsync(response)).GetProperty("results").EnumerateArray()).GetProperty("flagged").GetBoolean());
    }

    [Fact]
    public async Task A_balance_that_does_not_cover_the_inputs_is_a_402_and_nothing_is_held()
    {
        await using var gateway = await StartAsync(credits: "0.000001");

        using var response = await gateway.PostAsync("/v1/embeddings", $$"""{"model":"inputs","input":"{{new string('x', 4000)}}"}""");

        Assert.Equal(402, (int)response.StatusCode);
    }

    [Fact]
    public async Task What_the_node_refuses_costs_nothing()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = ScriptedRuntime.OfInputs(Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.Unsupported, "No.", Retryable: false) { Param = "dimensions" });

        using var response = await gateway.PostAsync("/v1/embeddings", """{"model":"inputs","input":"a","dimensions":2}""");

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, "unsupported_parameter", "dimensions"), (error.Status, error.Code, error.Param));
        var job = await gateway.WhenSettledAsync(response.Headers.GetValues("x-flotilla-job-id").Single());
        Assert.True(Credits.TryParse(job.GetProperty("credits_charged").GetString()!, out var charged));
        Assert.Equal(Credits.Zero, charged);
    }

    [Fact]
    public async Task A_node_that_gives_half_an_answer_is_not_believed()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = ScriptedRuntime.OfInputs(Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Events(new Usage { PromptTokens = 1 }, new Event { Vector = new Vector { Values = ByteString.CopyFrom(Float32.Bytes([1f])) } });

        using var response = await gateway.PostAsync("/v1/embeddings", """{"model":"inputs","input":["a","b"]}""");

        Assert.Equal(502, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_node_keeps_a_broken_vector_to_itself()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = ScriptedRuntime.OfInputs(Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Events(new Usage { PromptTokens = 1 }, new Event { Vector = new Vector { Values = ByteString.CopyFrom(Float32.Bytes([float.NaN])) } });
        using (var broken = await gateway.PostAsync("/v1/embeddings", """{"model":"inputs","input":"a"}"""))
            Assert.Equal(502, (int)broken.StatusCode);

        // The link lives: the gateway never saw it.
        runtime.Script = Scripts.Inputs;
        using var response = await gateway.PostAsync("/v1/embeddings", """{"model":"inputs","input":"a"}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<GatewayFixture> StartAsync(Func<GatewayOptions, GatewayOptions>? configure = null, string credits = "1000")
    {
        var gateway = await GatewayFixture.StartAsync(credits, configure);
        await gateway.AddNodeAsync(ScriptedRuntime.OfInputs(Model));
        return gateway;
    }
}
