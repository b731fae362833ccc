using System.Net;
using System.Text;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary><c>POST /v1/messages</c> through real sockets: the same path as a chat, in Anthropic's form.</summary>
public sealed class MessagesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_answered_settled_and_charged_as_a_chat_is()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using var response = await SendAsync(gateway, Body());
        var body = await GatewayFixture.JsonAsync(response);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("message", body.GetProperty("type").GetString());
        Assert.StartsWith("msg_", body.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("Hello, world!", body.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal((7, 4), (body.GetProperty("usage").GetProperty("input_tokens").GetInt32(), body.GetProperty("usage").GetProperty("output_tokens").GetInt32()));
        Assert.Equal(response.Headers.GetValues("x-request-id").Single(), response.Headers.GetValues("request-id").Single());
        var job = await gateway.WhenSettledAsync(response.Headers.GetValues("x-flotilla-job-id").Single());
        Assert.Equal(("completed", "Messages"), (job.GetProperty("status").GetString(), job.GetProperty("endpoint").GetString()));
    }

    [Fact]
    public async Task A_bearer_key_will_do_as_well_and_a_wrong_one_has_Anthropics_envelope()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using var bearer = await gateway.PostAsync("/v1/messages", Body());
        Assert.Equal(HttpStatusCode.OK, bearer.StatusCode);
        using var none = await gateway.SendAsync(HttpMethod.Post, "/v1/messages", Body(), key: null);
        await AssertErrorAsync(none, 401, "authentication_error");
        using var wrong = await SendAsync(gateway, Body(), key: "sk-flt-wrong");
        await AssertErrorAsync(wrong, 401, "authentication_error");
    }

    [Theory]
    [InlineData("{", 400, "invalid_request_error")]
    [InlineData("""{"model":"scripted","messages":[{"role":"user","content":"q"}]}""", 400, "invalid_request_error")]
    [InlineData("""{"model":"nobody","max_tokens":1,"messages":[{"role":"user","content":"q"}]}""", 404, "not_found_error")]
    public async Task A_refusal_has_Anthropics_envelope(string body, int status, string type)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using var response = await SendAsync(gateway, body);
        await AssertErrorAsync(response, status, type);
    }

    [Fact]
    public async Task Empty_credits_and_paths_below_have_it_too()
    {
        await using var gateway = await GatewayFixture.StartAsync(credits: "0");
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using var poor = await SendAsync(gateway, Body());
        await AssertErrorAsync(poor, 402, "billing_error");
        using var unknown = await SendAsync(gateway, Body(), "/v1/messages/batches");
        await AssertErrorAsync(unknown, 404, "not_found_error");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"stream\":true")]
    public async Task The_stop_text_that_ended_the_answer_is_told(string more)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Events(
            new Usage { PromptTokens = 7, CompletionTokens = 1 },
            new Event { TokenCount = 1, Text = new Text { Text_ = "so" } },
            new Event { ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop, Stop = "END" } });

        using var response = await SendAsync(gateway, Body("\"stop_sequences\":[\"x\",\"END\"]" + (more.Length > 0 ? "," + more : "")));

        Assert.Contains("\"stop_reason\":\"stop_sequence\",\"stop_sequence\":\"END\"", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_names_a_stop_text_nobody_gave_is_not_believed()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Events(
            new Usage { PromptTokens = 7, CompletionTokens = 1 },
            new Event { TokenCount = 1, Text = new Text { Text_ = "so" } },
            new Event { ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop, Stop = "made up" } });

        using var response = await SendAsync(gateway, Body("\"stop_sequences\":[\"END\"]"));

        await AssertErrorAsync(response, 502, "api_error");
    }

    [Fact]
    public async Task Thinking_is_an_effort_where_there_is_one_and_no_condition_where_there_is_none()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var plain = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(plain);
        var offer = ScriptedRuntime.Offer("thinker");
        offer.Capabilities.Add(Capability.ReasoningEffort);
        var thinker = new ScriptedRuntime { State = new RuntimeState([offer]) };
        await gateway.AddNodeAsync(thinker);
        const string Thinking = "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2048}";

        using var without = await SendAsync(gateway, Body(Thinking));
        using var with = await SendAsync(gateway, Body(Thinking).Replace(GatewayFixture.Model, "thinker", StringComparison.Ordinal));
        using var demanded = await SendAsync(gateway, Body("\"output_config\":{\"effort\":\"medium\"}"));

        Assert.Equal(HttpStatusCode.OK, without.StatusCode);
        Assert.Equal("default", without.Headers.GetValues("x-flotilla-reasoning-effort").Single());
        Assert.Equal("", (await plain.NextRunAsync(Cancellation)).Text.Chat.ReasoningEffort);
        Assert.False(with.Headers.Contains("x-flotilla-reasoning-effort"));
        Assert.Equal("medium", (await thinker.NextRunAsync(Cancellation)).Text.Chat.ReasoningEffort);
        await AssertErrorAsync(demanded, 400, "invalid_request_error");
    }

    [Fact]
    public async Task A_stream_that_breaks_ends_with_an_error_event_and_what_came_is_charged()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.Runtime, "broke", Retryable: false), "one ", "two ");
        using var response = await SendAsync(gateway, Body("\"stream\":true"));
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("event: message_start\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\"type\":\"api_error\",\"message\":\"The node that served this request failed. What you received is charged, nothing else.\"}}\n\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("message_stop", text, StringComparison.Ordinal);
        var job = await gateway.WhenSettledAsync(response.Headers.GetValues("x-flotilla-job-id").Single());
        Assert.Equal(("failed", 2), (job.GetProperty("status").GetString(), job.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
    }

    [Fact]
    public async Task A_client_that_leaves_mid_stream_pays_for_what_it_was_given()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerThenHang("one ", "two ");
        var response = await SendAsync(gateway, Body("\"stream\":true"));
        var job = response.Headers.GetValues("x-flotilla-job-id").Single();
        using (var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation)))
        {
            while (!(await reader.ReadLineAsync(Cancellation))!.Contains("two ", StringComparison.Ordinal))
            {
            }
        }

        response.Dispose();
        var view = await gateway.WhenSettledAsync(job);
        Assert.Equal(("cancelled", 2), (view.GetProperty("status").GetString(), view.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
        Assert.True(gateway.Balance.Held == Credits.Zero);
    }

    private static string Body(string more = "") =>
        $$"""{"model":"{{GatewayFixture.Model}}","max_tokens":16,"messages":[{"role":"user","content":"hi"}]{{(more.Length > 0 ? "," + more : "")}}}""";

    private static async Task<HttpResponseMessage> SendAsync(GatewayFixture gateway, string body, string path = "/v1/messages", string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("x-api-key", key ?? gateway.ApiKey);
        request.Headers.Add("anthropic-version", "2023-06-01");
        return await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, int status, string type)
    {
        var body = await GatewayFixture.JsonAsync(response);
        Assert.Equal((status, "error", type), ((int)response.StatusCode, body.GetProperty("type").GetString(), body.GetProperty("error").GetProperty("type").GetString()));
        Assert.StartsWith("req_", body.GetProperty("request_id").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.String, body.GetProperty("error").GetProperty("message").ValueKind);
    }
}
