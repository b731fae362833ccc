using System.Net;
using System.Text.Json;
using Flotilla.Ledger;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Responses that are kept: found, continued, listed and forgotten, by their namespace alone.</summary>
public sealed class StoredResponseTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_response_can_be_asked_for_again_and_is_the_one_that_was_answered(bool stream)
    {
        await using var gateway = await StartAsync();
        var made = await MakeAsync(gateway, $"\"stream\":{(stream ? "true" : "false")}");
        using var found = await gateway.GetAsync($"/v1/responses/{made.GetProperty("id").GetString()}");
        Assert.Equal(made.GetRawText(), (await GatewayFixture.JsonAsync(found)).GetRawText());
        Assert.True(made.GetProperty("store").GetBoolean());
    }

    [Fact]
    public async Task A_conversation_goes_on_without_the_earlier_instructions()
    {
        await using var gateway = await StartAsync();
        var first = await MakeAsync(gateway, "\"instructions\":\"be brief\"");
        var second = await MakeAsync(gateway, $"\"instructions\":\"be long\",\"previous_response_id\":\"{first.GetProperty("id").GetString()}\"");
        await MakeAsync(gateway, $"\"previous_response_id\":\"{second.GetProperty("id").GetString()}\"");
        await gateway.Node.NextRunAsync(Cancellation);
        Assert.Equal(["system:be long", "user:hi", "assistant:Hello, world!", "user:hi"], await SaidAsync(gateway));
        Assert.Equal(["user:hi", "assistant:Hello, world!", "user:hi", "assistant:Hello, world!", "user:hi"], await SaidAsync(gateway));
    }

    [Fact]
    public async Task A_call_is_answered_in_the_next_response()
    {
        await using var gateway = await StartAsync();
        gateway.Node.Script = Scripts.Events(
            new Usage { PromptTokens = 7, CompletionTokens = 1 },
            new Event { TokenCount = 1, ToolCall = new ToolCallDelta { Index = 0, Name = "f", Arguments = "{}" } },
            new Event { ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.ToolCalls } });
        const string Tools = "\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]";
        var first = await MakeAsync(gateway, Tools);
        var call = first.GetProperty("output")[0].GetProperty("call_id").GetString();
        using var response = await gateway.Gateway.PostAsync("/v1/responses", $$"""
            {"model":"scripted","max_output_tokens":16,"previous_response_id":"{{first.GetProperty("id").GetString()}}","input":[{"type":"function_call_output","call_id":"{{call}}","output":"21"}],{{Tools}}}
            """);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await gateway.Node.NextRunAsync(Cancellation);
        var chat = (await gateway.Node.NextRunAsync(Cancellation)).Text.Chat;
        Assert.Equal((call, call, "21"), (chat.Messages[1].ToolCalls[0].Id, chat.Messages[2].ToolCallId, chat.Messages[2].Content));
    }

    [Fact]
    public async Task Items_of_earlier_responses_can_be_named_instead_of_sent()
    {
        await using var gateway = await StartAsync();
        gateway.Node.Script = Scripts.Events(
            new Usage { PromptTokens = 7, CompletionTokens = 1 },
            new Event { TokenCount = 1, ToolCall = new ToolCallDelta { Index = 0, Name = "f", Arguments = "{}" } },
            new Event { ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.ToolCalls } });
        const string Tools = "\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]";
        var first = await MakeAsync(gateway, Tools);
        var call = first.GetProperty("output")[0];
        using var listed = await gateway.GetAsync($"/v1/responses/{first.GetProperty("id").GetString()}/input_items");
        var asked = (await GatewayFixture.JsonAsync(listed)).GetProperty("data")[0].GetProperty("id").GetString();
        gateway.Node.Script = Scripts.Answer("done");
        var input = $$"""[{"type":"item_reference","id":"{{asked}}"},{"id":"{{call.GetProperty("id").GetString()}}"},{"type":"function_call_output","call_id":"{{call.GetProperty("call_id").GetString()}}","output":"21"}]""";

        using var response = await gateway.Gateway.PostAsync("/v1/responses", $$"""{"model":"scripted","input":{{input}},{{Tools}}}""");
        var second = await GatewayFixture.JsonAsync(response);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await gateway.Node.NextRunAsync(Cancellation);
        var chat = (await gateway.Node.NextRunAsync(Cancellation)).Text.Chat;
        Assert.Equal(["user", "assistant", "tool"], chat.Messages.Select(m => m.Role));
        Assert.Equal(("hi", "f", "21"), (chat.Messages[0].Content, chat.Messages[1].ToolCalls[0].Name, chat.Messages[2].Content));
        // What is kept of it are the items themselves, so that the first may be forgotten.
        using var forgotten = await gateway.Gateway.SendAsync(HttpMethod.Delete, $"/v1/responses/{first.GetProperty("id").GetString()}", null, gateway.Gateway.ApiKey);
        using var kept = await gateway.GetAsync($"/v1/responses/{second.GetProperty("id").GetString()}/input_items?order=asc");
        Assert.Equal(["message", "function_call", "function_call_output"], (await GatewayFixture.JsonAsync(kept)).GetProperty("data").EnumerateArray().Select(i => i.GetProperty("type").GetString()));
        using var again = await gateway.Gateway.PostAsync("/v1/responses", $$"""{"model":"scripted","input":{{input}},{{Tools}}}""");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task An_item_that_is_not_there_or_another_namespaces_is_400_and_costs_nothing()
    {
        await using var gateway = await StartAsync();
        var mine = (await MakeAsync(gateway)).GetProperty("output")[0].GetProperty("id").GetString();
        var unkept = (await MakeAsync(gateway, "\"store\":false")).GetProperty("output")[0].GetProperty("id").GetString();
        var other = await gateway.Gateway.App.Ledger.Keys.CreateNamespaceAsync(gateway.Gateway.Account, "other", Cancellation);
        var stranger = (await gateway.Gateway.App.Ledger.Keys.CreateKeyAsync(other, "stranger", KeyKind.Client, Cancellation)).Secret;
        var charged = gateway.Gateway.Balance.Posted;

        foreach (var (id, key) in new[] { (mine, stranger), (unkept, gateway.Gateway.ApiKey), ("msg_none", gateway.Gateway.ApiKey) })
        {
            using var refused = await gateway.Gateway.PostAsync("/v1/responses", $$"""{"model":"scripted","input":[{"type":"item_reference","id":"{{id}}"}]}""", key);
            var error = await GatewayFixture.ErrorAsync(refused);
            Assert.Equal((400, "input[0].id"), (error.Status, error.Param));
        }

        Assert.Equal(charged, gateway.Gateway.Balance.Posted);
    }

    [Fact]
    public async Task What_is_not_to_be_kept_or_failed_is_not_kept()
    {
        await using var gateway = await StartAsync();
        var unkept = await MakeAsync(gateway, "\"store\":false");
        await AssertMissingAsync(gateway, unkept.GetProperty("id").GetString()!);

        gateway.Node.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.Runtime, "broke", Retryable: false), "one ");
        var failed = await MakeAsync(gateway, "\"stream\":true");
        Assert.Equal("failed", failed.GetProperty("status").GetString());
        await AssertMissingAsync(gateway, failed.GetProperty("id").GetString()!);
    }

    [Fact]
    public async Task A_response_that_is_deleted_is_gone_and_cannot_be_continued()
    {
        await using var gateway = await StartAsync();
        var id = (await MakeAsync(gateway)).GetProperty("id").GetString()!;
        using var deleted = await gateway.Gateway.SendAsync(HttpMethod.Delete, $"/v1/responses/{id}", null, gateway.Gateway.ApiKey);
        Assert.True((await GatewayFixture.JsonAsync(deleted)).GetProperty("deleted").GetBoolean());
        await AssertMissingAsync(gateway, id);
        using var again = await gateway.Gateway.SendAsync(HttpMethod.Delete, $"/v1/responses/{id}", null, gateway.Gateway.ApiKey);
        Assert.Equal(404, (await GatewayFixture.ErrorAsync(again)).Status);
        using var continued = await gateway.Gateway.PostAsync("/v1/responses", Body($"\"previous_response_id\":\"{id}\""));
        var error = await GatewayFixture.ErrorAsync(continued);
        Assert.Equal((400, "previous_response_id"), (error.Status, error.Param));
        Assert.False(continued.Headers.Contains("x-flotilla-job-id"));
    }

    [Fact]
    public async Task Another_namespace_sees_nothing_of_it()
    {
        await using var gateway = await StartAsync();
        var id = (await MakeAsync(gateway)).GetProperty("id").GetString()!;
        var books = gateway.Gateway.App.Ledger;
        var other = (await books.Keys.CreateKeyAsync(await books.Keys.CreateNamespaceAsync(gateway.Gateway.Account, "other", Cancellation), "other", KeyKind.Client, Cancellation)).Secret;
        foreach (var (method, path) in new[] { (HttpMethod.Get, ""), (HttpMethod.Delete, ""), (HttpMethod.Get, "/input_items"), (HttpMethod.Post, "/cancel") })
        {
            using var response = await gateway.Gateway.SendAsync(method, $"/v1/responses/{id}{path}", null, other);
            Assert.Equal(404, (await GatewayFixture.ErrorAsync(response)).Status);
        }

        using var still = await gateway.Gateway.GetAsync($"/v1/responses/{id}");
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
    }

    [Fact]
    public async Task The_items_of_the_input_are_listed_in_pages()
    {
        await using var gateway = await StartAsync();
        using var made = await gateway.Gateway.PostAsync("/v1/responses", """
            {"model":"scripted","max_output_tokens":16,"input":[{"role":"user","content":"a"},{"id":"msg_x","type":"message","role":"assistant","content":"b"},{"role":"user","content":[{"type":"input_text","text":"c"}]}]}
            """);
        var id = (await GatewayFixture.JsonAsync(made)).GetProperty("id").GetString();
        using var all = await gateway.Gateway.GetAsync($"/v1/responses/{id}/input_items?order=asc");
        var list = await GatewayFixture.JsonAsync(all);
        Assert.Equal(["a", "b", "c"], list.GetProperty("data").EnumerateArray().Select(i => i.GetProperty("content")[0].GetProperty("text").GetString()));
        Assert.All(list.GetProperty("data").EnumerateArray(), i => Assert.Equal("message", i.GetProperty("type").GetString()));
        Assert.Equal("output_text", list.GetProperty("data")[1].GetProperty("content")[0].GetProperty("type").GetString());

        using var one = await gateway.Gateway.GetAsync($"/v1/responses/{id}/input_items?limit=1&after={list.GetProperty("last_id").GetString()}");
        var page = await GatewayFixture.JsonAsync(one);
        Assert.Equal(("msg_x", true), (page.GetProperty("first_id").GetString(), page.GetProperty("has_more").GetBoolean()));

        foreach (var bad in new[] { "limit=0", "limit=101", "limit=x", "order=up" })
        {
            using var refused = await gateway.Gateway.GetAsync($"/v1/responses/{id}/input_items?{bad}");
            Assert.Equal(400, (await GatewayFixture.ErrorAsync(refused)).Status);
        }
    }

    [Fact]
    public async Task A_response_that_is_complete_cannot_be_cancelled()
    {
        await using var gateway = await StartAsync();
        var id = (await MakeAsync(gateway)).GetProperty("id").GetString();
        using var response = await gateway.Gateway.SendAsync(HttpMethod.Post, $"/v1/responses/{id}/cancel", null, gateway.Gateway.ApiKey);
        Assert.Equal(400, (await GatewayFixture.ErrorAsync(response)).Status);
    }

    private static string Body(string more = "") => $$"""{"model":"{{GatewayFixture.Model}}","max_output_tokens":16,"input":"hi"{{(more.Length > 0 ? "," + more : "")}}}""";

    private static async Task<Fleet> StartAsync()
    {
        var fleet = new Fleet(await GatewayFixture.StartAsync(), new ScriptedRuntime(GatewayFixture.Model));
        await fleet.Gateway.AddNodeAsync(fleet.Node);
        return fleet;
    }

    /// <summary>Makes a response; of a stream, the one in its last event.</summary>
    private static async Task<JsonElement> MakeAsync(Fleet gateway, string more = "")
    {
        using var response = await gateway.Gateway.PostAsync("/v1/responses", Body(more));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
            return JsonElement.Parse(text);
        return JsonElement.Parse(text[(text.LastIndexOf("data: ", StringComparison.Ordinal) + "data: ".Length)..]).GetProperty("response");
    }

    private static async Task<string[]> SaidAsync(Fleet gateway) =>
        [.. (await gateway.Node.NextRunAsync(Cancellation)).Text.Chat.Messages.Select(m => $"{m.Role}:{m.Content}")];

    private static async Task AssertMissingAsync(Fleet gateway, string id)
    {
        using var response = await gateway.Gateway.GetAsync($"/v1/responses/{id}");
        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((404, "not_found"), (error.Status, error.Code));
    }

    private sealed record Fleet(GatewayFixture Gateway, ScriptedRuntime Node) : IAsyncDisposable
    {
        public Task<HttpResponseMessage> GetAsync(string path) => Gateway.GetAsync(path);

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
