using System.Net;
using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>What a request takes for granted is asked only of nodes that can do it.</summary>
public sealed class CapabilityTests
{
    private const string Tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]";
    private const string Strict = "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{},\"strict\":true}}";
    private const string Wish = "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{}}}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("\"response_format\":{\"type\":\"json_object\"}", "response_format")]
    [InlineData(Strict, "response_format")]
    [InlineData(Wish, "response_format")]
    [InlineData(Tools + ",\"tool_choice\":\"required\"", "tool_choice")]
    [InlineData(Tools + ",\"parallel_tool_calls\":false", "parallel_tool_calls")]
    [InlineData("\"reasoning_effort\":\"high\"", "reasoning_effort")]
    [InlineData("\"prompt_logprobs\":1", "prompt_logprobs")]
    [InlineData("\"logprobs\":true", "logprobs")]
    public async Task A_field_that_no_node_can_honour_is_a_400_that_names_it_and_costs_nothing(string field, string param)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var node = new ScriptedRuntime(GatewayFixture.Model);
        node.State.Models[0].Capabilities.Remove(Capability.Logprobs);
        await gateway.AddNodeAsync(node);
        using var response = await gateway.ChatAsync(field);
        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, "unsupported_parameter", param), (error.Status, error.Code, error.Param));
        Assert.False(response.Headers.Contains("x-flotilla-job-id"));
    }

    [Theory]
    [InlineData("/v1/completions", "\"prompt\":\"x\",\"logprobs\":0", "logprobs")]
    [InlineData("/v1/responses", "\"input\":\"x\",\"include\":[\"message.output_text.logprobs\"]", "include")]
    public async Task Log_probabilities_that_no_node_tells_are_refused_on_every_path(string path, string fields, string param)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var node = new ScriptedRuntime(GatewayFixture.Model);
        node.State.Models[0].Capabilities.Remove(Capability.Logprobs);
        await gateway.AddNodeAsync(node);
        using var response = await gateway.PostAsync(path, $"{{\"model\":\"scripted\",{fields}}}");
        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, "unsupported_parameter", param), (error.Status, error.Code, error.Param));
    }

    [Fact]
    public async Task Of_two_nodes_the_one_that_can_is_asked()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var plain = new ScriptedRuntime(GatewayFixture.Model);
        var able = Able(Capability.StructuredOutputs);
        await gateway.AddNodeAsync(plain);
        await gateway.AddNodeAsync(able);
        for (var i = 0; i < 4; i++)
        {
            using var response = await gateway.ChatAsync(Strict);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var run = await able.NextRunAsync(Cancellation);
            Assert.Equal(ResponseFormat.Types.Kind.JsonSchema, run.Text.Chat.ResponseFormat.Kind);
            Assert.False(response.Headers.Contains("x-flotilla-response-format"));
        }
    }

    [Fact]
    public async Task A_capability_of_a_node_that_does_not_chat_is_no_help_to_a_chat()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var writer = Able(Capability.ReasoningEffort);
        writer.State.Models[0].Capabilities.Remove(Capability.Chat);
        await gateway.AddNodeAsync(writer);
        using var response = await gateway.ChatAsync("\"reasoning_effort\":\"high\"");
        Assert.Equal("reasoning_effort", (await GatewayFixture.ErrorAsync(response)).Param);
    }

    [Fact]
    public async Task A_schema_that_is_only_a_wish_becomes_a_JSON_object_and_the_answer_says_so()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var node = Able(Capability.JsonObject);
        await gateway.AddNodeAsync(node);
        using var response = await gateway.ChatAsync(Wish);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("json_object", response.Headers.GetValues("x-flotilla-response-format").Single());
        var run = await node.NextRunAsync(Cancellation);
        Assert.Equal(ResponseFormat.Types.Kind.JsonObject, run.Text.Chat.ResponseFormat.Kind);

        using var strict = await gateway.ChatAsync(Strict);
        Assert.Equal("response_format", (await GatewayFixture.ErrorAsync(strict)).Param);
    }

    [Fact]
    public async Task An_image_goes_to_a_model_that_sees_and_to_no_other()
    {
        const string Body = """{"model":"scripted","max_tokens":4,"messages":[{"role":"user","content":[{"type":"text","text":"what?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}}]}]}""";
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using var refused = await gateway.PostAsync("/v1/chat/completions", Body);
        Assert.Equal("messages[0].content[1].image_url.url", (await GatewayFixture.ErrorAsync(refused)).Param);

        var seeing = Able(Capability.Vision);
        await gateway.AddNodeAsync(seeing);
        using var response = await gateway.PostAsync("/v1/chat/completions", Body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var run = await seeing.NextRunAsync(Cancellation);
        Assert.Equal("data:image/png;base64,aGk=", run.Text.Chat.Messages[0].Parts[1].Image.Url);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tool_choice_that_was_not_honoured_is_a_400_before_the_first_byte_and_an_error_chunk_after_it(bool spoke)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var node = Able(Capability.ToolChoice);
        await gateway.AddNodeAsync(node);
        var failure = new Node.Runtimes.RunFailure(Failed.Types.Code.ToolChoice, "No call was made.", Retryable: false) { Param = "tool_choice" };
        node.Script = spoke ? Scripts.Fail(failure, "Well, ") : Scripts.Fail(failure);
        using var response = await gateway.ChatAsync(Tools + ",\"tool_choice\":\"required\",\"stream\":true");
        if (!spoke)
        {
            var error = await GatewayFixture.ErrorAsync(response);
            Assert.Equal((400, "tool_choice_not_honored", "tool_choice"), (error.Status, error.Code, error.Param));
            return;
        }

        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("\"finish_reason\":\"error\"}],\"error\":{\"message\":\"No call was made.\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_choice_that_was_not_honoured_is_no_fault_of_the_node()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var stubborn = Able(Capability.ToolChoice);
        var node = await gateway.AddNodeAsync(stubborn);
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        stubborn.Script = Scripts.Fail(new Node.Runtimes.RunFailure(Failed.Types.Code.ToolChoice, "No call was made.", Retryable: false));
        for (var i = 0; i < NodeLimits.FailuresUntilEjection; i++)
        {
            using var refused = await gateway.ChatAsync(Tools + ",\"tool_choice\":\"required\"");
            Assert.Equal("tool_choice_not_honored", (await GatewayFixture.ErrorAsync(refused)).Code);
        }

        // A node that is put aside gets nothing while another one is free.
        stubborn.Script = Scripts.Answer("hello");
        var asked = new HashSet<string?>();
        for (var i = 0; i < 16; i++)
        {
            using var answered = await gateway.ChatAsync();
            asked.Add((await gateway.WhenSettledAsync(answered.Headers.GetValues("x-flotilla-job-id").Single())).GetProperty("node").GetString());
        }

        Assert.Contains(node.Id.Value, asked);
    }

    private static ScriptedRuntime Able(string capability)
    {
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        runtime.State.Models[0].Capabilities.Add(capability);
        return runtime;
    }
}
