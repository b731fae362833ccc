using System.Net;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Responses with <c>"background":true</c>: asked for until they are done, cancelled, forgotten, and charged once.</summary>
public sealed class BackgroundResponseTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_response_in_the_background_is_queued_runs_and_ends_as_one_that_was_waited_for()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerWhenPermitted("done");
        var made = await MakeAsync(gateway);
        Assert.Equal("queued", made.GetProperty("status").GetString());
        Assert.True(made.GetProperty("background").GetBoolean());
        Assert.Equal(JsonValueKind.Null, made.GetProperty("usage").ValueKind);
        var id = made.GetProperty("id").GetString()!;

        var run = await runtime.NextRunAsync(Cancellation);
        Assert.Equal("in_progress", (await FindAsync(gateway, id)).GetProperty("status").GetString());
        run.Permit(2);
        var ended = await EndAsync(gateway, id);
        Assert.Equal(("completed", id), (ended.GetProperty("status").GetString(), ended.GetProperty("id").GetString()));
        Assert.Equal("done", ended.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal(ended.GetProperty("output").GetRawText(), (await FindAsync(gateway, id)).GetProperty("output").GetRawText());

        runtime.Script = Scripts.Answer("more");
        using var continued = await gateway.PostAsync("/v1/responses", Body($"\"previous_response_id\":\"{id}\""));
        Assert.Equal(HttpStatusCode.OK, continued.StatusCode);
        Assert.Equal(["hi", "done", "hi"], (await runtime.NextRunAsync(Cancellation)).Text.Chat.Messages.Select(m => m.Content));
    }

    [Fact]
    public async Task A_response_that_fails_says_why_and_costs_nothing()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.InvalidRequest, "no such thing", Retryable: false));
        var before = gateway.Balance.Available;
        var ended = await EndAsync(gateway, (await MakeAsync(gateway)).GetProperty("id").GetString()!);
        Assert.Equal(("failed", "no such thing"), (ended.GetProperty("status").GetString(), ended.GetProperty("error").GetProperty("message").GetString()));
        Assert.Equal(before, gateway.Balance.Available);
    }

    [Fact]
    public async Task A_model_that_nobody_knows_fails_in_the_background_too()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var ended = await EndAsync(gateway, (await MakeAsync(gateway, model: "nobody")).GetProperty("id").GetString()!);
        Assert.Equal(("failed", "model_not_found"), (ended.GetProperty("status").GetString(), ended.GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_response_that_is_cancelled_stops_its_node_and_holds_nothing()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerThenHang("one ");
        var id = (await MakeAsync(gateway)).GetProperty("id").GetString()!;
        var run = await runtime.NextRunAsync(Cancellation);
        using var cancelled = await gateway.PostAsync($"/v1/responses/{id}/cancel", "");
        Assert.Equal("cancelled", (await GatewayFixture.JsonAsync(cancelled)).GetProperty("status").GetString());
        await run.Cancelled.WaitAsync(Cancellation);
        Assert.Equal("cancelled", (await FindAsync(gateway, id)).GetProperty("status").GetString());
        Assert.Equal(Credits.Zero, gateway.Balance.Held);
    }

    [Fact]
    public async Task A_response_that_is_deleted_is_gone_whether_it_ran_or_was_done()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        var done = (await MakeAsync(gateway)).GetProperty("id").GetString()!;
        await EndAsync(gateway, done);
        runtime.Script = Scripts.AnswerThenHang("one ");
        var running = (await MakeAsync(gateway)).GetProperty("id").GetString()!;
        foreach (var id in new[] { done, running })
        {
            using var deleted = await gateway.SendAsync(HttpMethod.Delete, $"/v1/responses/{id}", null, gateway.ApiKey);
            Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
            using var found = await gateway.GetAsync($"/v1/responses/{id}");
            Assert.Equal(404, (await GatewayFixture.ErrorAsync(found)).Status);
        }
    }

    [Theory]
    [InlineData("\"background\":true,\"stream\":true", "background")]
    [InlineData("\"background\":true,\"store\":false", "background")]
    [InlineData("\"background\":1", "background")]
    [InlineData("\"background\":true,\"previous_response_id\":\"resp_nobody\"", "previous_response_id")]
    [InlineData("\"background\":true,\"temperature\":9", "temperature")]
    public async Task What_cannot_be_done_is_refused_at_once(string fields, string param)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using var response = await gateway.PostAsync("/v1/responses", Body(fields));
        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, param), (error.Status, error.Param));
    }

    [Theory]
    [InlineData("/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]")]
    [InlineData("/v1/responses", "\"input\":\"hi\"")]
    public async Task A_request_that_was_deferred_by_other_means_is_not_shown_as_one(string path, string fields)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using var deferred = await gateway.PostAsync(path, $$"""{"model":"{{GatewayFixture.Model}}","mode":"polling",{{fields}}}""");
        var id = (await GatewayFixture.JsonAsync(deferred)).GetProperty("id").GetString()!;
        using var ended = await gateway.GetAsync($"/v1/requests/{id}?wait=30");
        Assert.Equal("completed", (await GatewayFixture.JsonAsync(ended)).GetProperty("status").GetString());
        using var found = await gateway.GetAsync($"/v1/responses/resp_{id["req_".Length..]}");
        Assert.Equal(404, (await GatewayFixture.ErrorAsync(found)).Status);
    }

    private static string Body(string more, string model = GatewayFixture.Model) => $$"""{"model":"{{model}}","max_output_tokens":16,"input":"hi",{{more}}}""";

    private static async Task<JsonElement> MakeAsync(GatewayFixture gateway, string model = GatewayFixture.Model)
    {
        using var response = await gateway.PostAsync("/v1/responses", Body("\"background\":true", model));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await GatewayFixture.JsonAsync(response);
    }

    private static async Task<JsonElement> FindAsync(GatewayFixture gateway, string id)
    {
        using var response = await gateway.GetAsync($"/v1/responses/{id}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await GatewayFixture.JsonAsync(response);
    }

    /// <summary>Waits as a client may who knows of deferred requests: by a long poll.</summary>
    private static async Task<JsonElement> EndAsync(GatewayFixture gateway, string id)
    {
        using var wait = await gateway.GetAsync($"/v1/requests/req_{id["resp_".Length..]}?wait=30");
        Assert.Equal(HttpStatusCode.OK, wait.StatusCode);
        return await FindAsync(gateway, id);
    }
}
