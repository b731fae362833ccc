using System.Net;
using Flotilla.Core;
using Flotilla.Ledger;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>How long a prompt is, through real sockets and a node: free, in both dialects.</summary>
public sealed class TokenCountTests
{
    private const string Messages = "/v1/messages/count_tokens";
    private const string Inputs = "/v1/responses/input_tokens";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_counted_by_its_node_and_costs_nothing_even_who_has_nothing()
    {
        await using var gateway = await StartAsync(credits: "0");

        using var response = await gateway.Gateway.PostAsync(Messages, """
            {"model":"scripted","system":"be brief","messages":[{"role":"user","content":"hi"}],"tools":[{"name":"f","input_schema":{}}],"thinking":{"type":"adaptive"}}
            """);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"input_tokens":42}""", await response.Content.ReadAsStringAsync(Cancellation));
        var chat = ((CountRequest)(await gateway.Node.NextRunAsync(Cancellation)).Request.Work).Chat;
        Assert.Equal(["system:be brief", "user:hi"], chat.Messages.Select(m => $"{m.Role}:{m.Content}"));
        Assert.Equal("f", Assert.Single(chat.Tools).Name);
        Assert.False(response.Headers.Contains("x-flotilla-job-id"));
        Assert.Equal(0, (await gateway.Gateway.App.Ledger.Usage.SumAsync(new UsageQuery { Namespace = gateway.Gateway.Namespace }, Cancellation)).Sum(row => row.Jobs));
        using var jobs = await gateway.Gateway.GetAsync("/v1/jobs");
        Assert.Empty((await GatewayFixture.JsonAsync(jobs)).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task A_responses_input_is_counted_with_the_conversation_that_it_continues()
    {
        await using var gateway = await StartAsync();
        using var made = await gateway.Gateway.PostAsync("/v1/responses", """{"model":"scripted","input":"first"}""");
        var id = (await GatewayFixture.JsonAsync(made)).GetProperty("id").GetString();
        await gateway.Node.NextRunAsync(Cancellation);

        using var response = await gateway.Gateway.PostAsync(Inputs, $$"""{"model":"scripted","input":"second","previous_response_id":"{{id}}"}""");

        Assert.Equal("""{"object":"response.input_tokens","input_tokens":42}""", await response.Content.ReadAsStringAsync(Cancellation));
        var chat = ((CountRequest)(await gateway.Node.NextRunAsync(Cancellation)).Request.Work).Chat;
        Assert.Equal(["first", "Hello, world!", "second"], chat.Messages.Select(m => m.Content));
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("""{"model":"scripted"}""", 400)]
    [InlineData("""{"model":"nobody","messages":[{"role":"user","content":"q"}]}""", 404)]
    [InlineData("""{"model":"other","messages":[{"role":"user","content":"q"}]}""", 400)]
    public async Task A_refusal_has_its_dialects_envelope(string body, int status)
    {
        await using var gateway = await StartAsync();
        await gateway.Gateway.AddNodeAsync(new ScriptedRuntime("other"));

        using var response = await gateway.Gateway.PostAsync(Messages, body);

        Assert.Equal((status, "error"), ((int)response.StatusCode, (await GatewayFixture.JsonAsync(response)).GetProperty("type").GetString()));
        using var wrongKey = await gateway.Gateway.PostAsync(Inputs, """{"model":"scripted","input":"q"}""", "sk-flt-wrong");
        Assert.Equal("invalid_api_key", (await GatewayFixture.ErrorAsync(wrongKey)).Code);
        using var cannot = await gateway.Gateway.PostAsync(Inputs, """{"model":"other","input":"q"}""");
        Assert.Equal("model_not_for_endpoint", (await GatewayFixture.ErrorAsync(cannot)).Code);
    }

    [Fact]
    public async Task A_prompt_that_no_node_can_take_is_told_as_for_the_request_itself()
    {
        await using var gateway = await StartAsync();
        gateway.Node.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.ContextLength, "too long", Retryable: false) { Param = "messages", Limit = 10, Value = 11 });

        using var response = await gateway.Gateway.PostAsync(Inputs, """{"model":"scripted","input":"q"}""");

        Assert.Equal((400, "context_length_exceeded"), ((int)response.StatusCode, (await GatewayFixture.ErrorAsync(response)).Code));
        Assert.Equal(Credits.Zero, gateway.Gateway.Balance.Held);
    }

    private static async Task<Fleet> StartAsync(string credits = "1000")
    {
        var offer = ScriptedRuntime.Offer(GatewayFixture.Model);
        offer.Capabilities.Add(Capability.CountTokens);
        var answer = Scripts.Answer("Hello", ",", " world", "!");
        var count = Scripts.Events(
            new Usage { PromptTokens = 42 },
            new Event { PromptReady = new PromptReady { PromptTokens = 42 } },
            new Event { ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } });
        var fleet = new Fleet(
            await GatewayFixture.StartAsync(credits),
            new ScriptedRuntime { State = new RuntimeState([offer]), Script = run => run.Request.Work is CountRequest ? count(run) : answer(run) });
        await fleet.Gateway.AddNodeAsync(fleet.Node);
        return fleet;
    }

    private sealed record Fleet(GatewayFixture Gateway, ScriptedRuntime Node) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
