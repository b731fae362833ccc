using System.Net;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary><c>POST /v1/responses</c> through real sockets: the same path as a chat, in another dialect.</summary>
public sealed class ResponsesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_response_is_answered_settled_and_charged_as_a_chat_is()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using var response = await gateway.PostAsync("/v1/responses", Body());
        var body = await GatewayFixture.JsonAsync(response);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("response", "completed"), (body.GetProperty("object").GetString(), body.GetProperty("status").GetString()));
        Assert.StartsWith("resp_", body.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("Hello, world!", body.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal((7, 4), (body.GetProperty("usage").GetProperty("input_tokens").GetInt32(), body.GetProperty("usage").GetProperty("output_tokens").GetInt32()));
        var job = await gateway.WhenSettledAsync(response.Headers.GetValues("x-flotilla-job-id").Single());
        Assert.Equal(("completed", "Responses"), (job.GetProperty("status").GetString(), job.GetProperty("endpoint").GetString()));
    }

    [Fact]
    public async Task A_stream_ends_with_the_whole_response_and_no_DONE()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using var response = await gateway.PostAsync("/v1/responses", Body("\"stream\":true"));
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
        using var last = JsonDocument.Parse(text[(text.LastIndexOf("data: ", StringComparison.Ordinal) + "data: ".Length)..]);
        Assert.Equal("response.completed", last.RootElement.GetProperty("type").GetString());
        Assert.Equal(11, last.RootElement.GetProperty("response").GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task A_stream_that_breaks_ends_with_a_failed_response_and_what_came_is_charged()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.Runtime, "broke", Retryable: false), "one ", "two ");
        using var response = await gateway.PostAsync("/v1/responses", Body("\"stream\":true"));
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("event: response.failed\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("response.completed", text, StringComparison.Ordinal);
        var job = await gateway.WhenSettledAsync(response.Headers.GetValues("x-flotilla-job-id").Single());
        Assert.Equal(("failed", 2), (job.GetProperty("status").GetString(), job.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
    }

    [Fact]
    public async Task A_failure_before_the_first_byte_is_an_error_and_costs_nothing()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.InvalidRequest, "no", Retryable: false) { Param = "input" });
        using var response = await gateway.PostAsync("/v1/responses", Body("\"stream\":true"));
        Assert.Equal(400, (await GatewayFixture.ErrorAsync(response)).Status);
        var job = await gateway.WhenSettledAsync(response.Headers.GetValues("x-flotilla-job-id").Single());
        Assert.Equal(Credits.Zero.ToString(), job.GetProperty("credits_charged").GetString());
    }

    [Theory]
    [InlineData("{\"model\":\"scripted\"}", 400, "input")]
    [InlineData("""{"model":"nobody","input":"q"}""", 404, "model")]
    [InlineData("""{"model":"scripted","input":"q","text":{"format":{"type":"json_object"}}}""", 400, "text.format")]
    public async Task A_refusal_names_the_field(string body, int status, string param)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using var response = await gateway.PostAsync("/v1/responses", body);
        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((status, param), (error.Status, error.Param));
    }

    private static string Body(string more = "") => $$"""{"model":"{{GatewayFixture.Model}}","max_output_tokens":16,"input":"hi"{{(more.Length > 0 ? "," + more : "")}}}""";
}
