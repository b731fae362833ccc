using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Flotilla.Core;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Deferred;

/// <summary>Requests that are answered later, through the public door.</summary>
public sealed partial class PollingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, "\"seed\":1")]
    [InlineData(false, "\"seed\":1")]
    [InlineData(true, "\"seed\":1,\"stream\":true")]
    [InlineData(true, "\"max_tokens\":-1")]
    [InlineData(false, "\"temperature\":\"hot\"")]
    public async Task The_result_is_what_the_synchronous_call_answers(bool byHeader, string more)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var synchronous = await gateway.ChatAsync(more);
        var request = await DeferAsync(gateway, more, byHeader);
        using var result = await gateway.GetAsync($"/v1/requests/{request.Id}/result?wait=30");

        Assert.True(synchronous.StatusCode == result.StatusCode, $"{result.StatusCode}: {await result.Content.ReadAsStringAsync(Cancellation)}");
        Assert.Equal(Plain(await synchronous.Content.ReadAsStringAsync(Cancellation)), Plain(await result.Content.ReadAsStringAsync(Cancellation)));
        Assert.Equal(synchronous.Content.Headers.ContentType!.ToString(), result.Content.Headers.ContentType!.ToString());
        Assert.Equal(synchronous.Headers.Contains("x-flotilla-job-id"), result.Headers.Contains("x-flotilla-job-id"));
        Assert.Equal(request.Id, result.Headers.GetValues("x-request-id").Single());
        Assert.True(result.Headers.Contains("openai-processing-ms"));
    }

    [Fact]
    public async Task Acceptance_says_where_to_ask_and_the_state_tells_how_it_goes()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime, slots: 1);
        runtime.Script = Scripts.AnswerWhenPermitted("one");

        var first = await DeferAsync(gateway);
        Assert.Equal("request", first.View.GetProperty("object").GetString());
        Assert.Equal("/v1/chat/completions", first.View.GetProperty("endpoint").GetString());
        Assert.Equal(GatewayFixture.Model, first.View.GetProperty("model").GetString());
        var run = await runtime.NextRunAsync(Cancellation);
        Assert.Equal("in_progress", (await StateAsync(gateway, first.Id)).GetProperty("status").GetString());
        var second = await DeferAsync(gateway);
        var third = await DeferAsync(gateway);
        Assert.Equal(1, (await StateAsync(gateway, third.Id)).GetProperty("queue_position").GetInt32());
        using var early = await gateway.GetAsync($"/v1/requests/{second.Id}/result");
        Assert.Equal(HttpStatusCode.Accepted, early.StatusCode);
        Assert.True(early.Headers.Contains("openai-poll-after-ms"));

        run.Permit(2);
        var done = await StateAsync(gateway, first.Id, wait: 30);
        Assert.Equal("completed", done.GetProperty("status").GetString());
        Assert.Equal(200, done.GetProperty("result_status").GetInt32());
        (await runtime.NextRunAsync(Cancellation)).Permit(2);
        (await runtime.NextRunAsync(Cancellation)).Permit(2);
        Assert.Equal("completed", (await StateAsync(gateway, third.Id, wait: 30)).GetProperty("status").GetString());

        // Each is a job like any other: charged once, with a receipt.
        var job = done.GetProperty("job_id").GetString()!;
        using var receipt = await gateway.GetAsync($"/v1/receipts/{job}");
        Assert.Equal(HttpStatusCode.OK, receipt.StatusCode);
        Assert.Equal(1000m * 1_000_000 - (3 * ((7 * 10) + 40)), gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task The_urgent_go_first_and_the_bulk_last()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime, slots: 1);
        runtime.Script = Scripts.AnswerWhenPermitted("one");
        await DeferAsync(gateway, "\"seed\":1");
        var run = await runtime.NextRunAsync(Cancellation);

        await DeferAsync(gateway, "\"seed\":4", headers: ("x-flotilla-priority", "bulk"));
        await DeferAsync(gateway, "\"seed\":3", headers: ("x-flotilla-priority", "normal"));
        var last = await DeferAsync(gateway, "\"seed\":2", headers: ("x-flotilla-priority", "urgent"));
        var seeds = new List<ulong>();
        for (var i = 0; i < 4; i++)
        {
            seeds.Add(run.Request.Seed);
            run.Permit(2);
            if (i < 3)
                run = await runtime.NextRunAsync(Cancellation);
        }

        Assert.Equal([1, 2, 3, 4], seeds);
        await WhenAllAnsweredAsync(gateway);
        Assert.NotNull(last.Id);
    }

    [Fact]
    public async Task Namespaces_take_turns_whatever_priority_they_give_their_own()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var (_, stranger) = await gateway.AddNamespaceAsync("other");
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime, slots: 1);
        runtime.Script = Scripts.AnswerWhenPermitted("one");
        await DeferAsync(gateway, "\"seed\":1");
        var run = await runtime.NextRunAsync(Cancellation);

        await DeferAsync(gateway, "\"seed\":2", headers: ("x-flotilla-priority", "urgent"));
        await DeferAsync(gateway, "\"seed\":4", headers: ("x-flotilla-priority", "urgent"));
        var last = await DeferAsync(gateway, "\"seed\":5", headers: ("x-flotilla-priority", "urgent"));
        using var other = await gateway.ChatWithHeaderAsync("Prefer", "respond-async", "\"seed\":3", stranger);
        var view = await GatewayFixture.JsonAsync(other);
        Assert.Equal(1, view.GetProperty("queue_position").GetInt32());
        Assert.Equal(3, (await StateAsync(gateway, last.Id)).GetProperty("queue_position").GetInt32());
        var seeds = new List<ulong>();
        for (var i = 0; i < 5; i++)
        {
            seeds.Add(run.Request.Seed);
            run.Permit(2);
            if (i < 4)
                run = await runtime.NextRunAsync(Cancellation);
        }

        Assert.Equal([1, 2, 3, 4, 5], seeds);
        await WhenAllAnsweredAsync(gateway);
        using var answered = await gateway.GetAsync($"/v1/requests/{view.GetProperty("id").GetString()}/result?wait=30", stranger);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
    }

    [Fact]
    public async Task It_waits_for_a_node_where_a_synchronous_call_is_turned_away()
    {
        await using var gateway = await GatewayFixture.StartAsync(
            configure: o => o with { Aliases = new Dictionary<string, string> { ["soon"] = GatewayFixture.Model } });
        using var refused = await gateway.ChatAsync();
        Assert.Equal(503, (int)refused.StatusCode);

        var request = await DeferAsync(gateway);
        Assert.Equal("queued", (await StateAsync(gateway, request.Id)).GetProperty("status").GetString());
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        Assert.Equal("completed", (await StateAsync(gateway, request.Id, wait: 30)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task When_its_time_is_over_it_has_the_answer_of_a_synchronous_call()
    {
        await using var gateway = await GatewayFixture.StartAsync(
            configure: o => o with { Aliases = new Dictionary<string, string> { ["soon"] = GatewayFixture.Model } });

        var request = await DeferAsync(gateway, headers: ("x-flotilla-ttl", "1"));
        var state = await StateAsync(gateway, request.Id, wait: 30);

        Assert.Equal("expired", state.GetProperty("status").GetString());
        Assert.Equal("no_workers_available", state.GetProperty("error").GetProperty("code").GetString());
        using var result = await gateway.GetAsync($"/v1/requests/{request.Id}/result");
        Assert.Equal(503, (await GatewayFixture.ErrorAsync(result)).Status);
    }

    [Fact]
    public async Task A_runtime_that_is_away_is_asked_again_under_a_new_job()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.Unavailable, "away", Retryable: true));

        var request = await DeferAsync(gateway);
        await runtime.NextRunAsync(Cancellation);
        runtime.Script = Scripts.Answer("back");

        Assert.Equal("completed", (await StateAsync(gateway, request.Id, wait: 30)).GetProperty("status").GetString());
        Assert.Equal(1000m * 1_000_000 - ((7 * 10) + 40), gateway.Balance.Available.Micro);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancelled_request_is_settled_and_has_no_result(bool runs)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime, slots: 1);
        runtime.Script = Scripts.AnswerThenHang("one");
        var blocker = await DeferAsync(gateway);
        var run = await runtime.NextRunAsync(Cancellation);
        var request = runs ? blocker : await DeferAsync(gateway);

        using var cancelled = await gateway.PostAsync($"/v1/requests/{request.Id}/cancel", "");

        Assert.Equal("cancelled", (await GatewayFixture.JsonAsync(cancelled)).GetProperty("status").GetString());
        using var result = await gateway.GetAsync($"/v1/requests/{request.Id}/result");
        Assert.Equal(404, (int)result.StatusCode);
        if (!runs)
        {
            using var other = await gateway.SendAsync(HttpMethod.Delete, $"/v1/requests/{blocker.Id}", null, gateway.ApiKey);
            Assert.True((await GatewayFixture.JsonAsync(other)).GetProperty("deleted").GetBoolean());
        }

        await run.Cancelled.WaitAsync(Cancellation);
        Assert.Equal(Credits.Zero, gateway.Balance.Held);
        Assert.Equal(1000m * 1_000_000, gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task A_deleted_request_is_gone_and_another_namespace_never_saw_it()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var other = await gateway.App.Ledger.Keys.CreateNamespaceAsync(gateway.Account, "other", Cancellation);
        var stranger = (await gateway.App.Ledger.Keys.CreateKeyAsync(other, "other", Flotilla.Ledger.KeyKind.Client, Cancellation)).Secret;
        var request = await DeferAsync(gateway);
        await StateAsync(gateway, request.Id, wait: 30);

        foreach (var (method, path) in new[] { (HttpMethod.Get, ""), (HttpMethod.Get, "/result"), (HttpMethod.Post, "/cancel"), (HttpMethod.Delete, "") })
        {
            using var foreign = await gateway.SendAsync(method, $"/v1/requests/{request.Id}{path}", null, stranger);
            Assert.Equal(404, (int)foreign.StatusCode);
        }

        using var deleted = await gateway.SendAsync(HttpMethod.Delete, $"/v1/requests/{request.Id}", null, gateway.ApiKey);
        Assert.True((await GatewayFixture.JsonAsync(deleted)).GetProperty("deleted").GetBoolean());
        using var gone = await gateway.GetAsync($"/v1/requests/{request.Id}");
        Assert.Equal(404, (int)gone.StatusCode);
    }

    [Fact]
    public async Task The_list_goes_in_pages_from_the_newest()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await DeferAsync(gateway)).Id);
            await StateAsync(gateway, ids[i], wait: 30);
        }

        ids.Sort(StringComparer.Ordinal);
        using var first = await gateway.GetAsync("/v1/requests?limit=2");
        var page = await GatewayFixture.JsonAsync(first);
        Assert.Equal([ids[2], ids[1]], page.GetProperty("data").EnumerateArray().Select(r => r.GetProperty("id").GetString()));
        Assert.True(page.GetProperty("has_more").GetBoolean());
        using var second = await gateway.GetAsync($"/v1/requests?limit=2&after={page.GetProperty("last_id").GetString()}");
        page = await GatewayFixture.JsonAsync(second);
        Assert.Equal(ids[0], page.GetProperty("first_id").GetString());
        Assert.False(page.GetProperty("has_more").GetBoolean());
    }

    [Fact]
    public async Task The_member_that_asks_for_polling_does_not_reach_a_model()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);

        foreach (var body in new[] { GatewayFixture.Chat("\"mode\" : \"polling\", \"seed\":1"), GatewayFixture.Chat().Insert(1, "\"mode\":\"polling\" , ") })
        {
            using var response = await gateway.PostAsync("/v1/chat/completions", body);
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            var run = await runtime.NextRunAsync(Cancellation);
            Assert.Empty(((TextRequest)run.Request.Work).Extra);
        }

        using var other = await gateway.ChatAsync("\"mode\":\"sync\"");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        await WhenAllAnsweredAsync(gateway);
    }

    [Theory]
    [InlineData("/v1/requests?limit=0", "limit")]
    [InlineData("/v1/requests?limit=101", "limit")]
    [InlineData("/v1/requests?limit=1e3", "limit")]
    [InlineData("/v1/requests?limit=", "limit")]
    [InlineData("/v1/requests/req_0?wait=-1", "wait")]
    [InlineData("/v1/requests/req_0?wait=61", "wait")]
    [InlineData("/v1/requests/req_0?wait=1&wait=2", "wait")]
    public async Task A_bad_query_names_its_field(string path, string field)
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var response = await gateway.GetAsync(path);

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, field), (error.Status, error.Param));
    }

    [Theory]
    [InlineData("x-flotilla-ttl", "0")]
    [InlineData("x-flotilla-ttl", "-1")]
    [InlineData("x-flotilla-ttl", "86401")]
    [InlineData("x-flotilla-ttl", "soon")]
    [InlineData("x-flotilla-priority", "0")]
    [InlineData("x-flotilla-priority", "first")]
    public async Task A_bad_header_names_itself_and_nothing_is_stored(string name, string value)
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var response = await PostAsync(gateway, GatewayFixture.Chat(), (name, value));

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, name), (error.Status, error.Param));
        using var list = await gateway.GetAsync("/v1/requests");
        Assert.Empty((await GatewayFixture.JsonAsync(list)).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task A_repeat_under_one_idempotency_key_is_the_same_deferred_request()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        var first = await DeferAsync(gateway, headers: ("Idempotency-Key", "once"));
        using var second = await PostAsync(gateway, GatewayFixture.Chat(), ("Prefer", "respond-async"), ("Idempotency-Key", "once"));

        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        Assert.Equal(first.Id, (await GatewayFixture.JsonAsync(second)).GetProperty("id").GetString());
        await WhenAllAnsweredAsync(gateway);
        Assert.Equal((1000 * 1_000_000) - ((7 * 10) + (4 * 40)), gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task Without_a_key_nothing_is_deferred()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        using var response = await gateway.SendAsync(HttpMethod.Post, "/v1/chat/completions", GatewayFixture.Chat("\"mode\":\"polling\""), key: null);
        Assert.Equal("missing_api_key", (await GatewayFixture.ErrorAsync(response)).Code);
    }

    private static async Task<(string Id, JsonElement View)> DeferAsync(GatewayFixture gateway, string more = "", bool byHeader = true, params (string, string)[] headers)
    {
        using var response = byHeader
            ? await PostAsync(gateway, GatewayFixture.Chat(more), [("Prefer", "respond-async"), .. headers])
            : await PostAsync(gateway, GatewayFixture.Chat(more.Length > 0 ? more + ",\"mode\":\"polling\"" : "\"mode\":\"polling\""), headers);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var view = await GatewayFixture.JsonAsync(response);
        var id = view.GetProperty("id").GetString()!;
        Assert.Equal(id, response.Headers.GetValues("x-request-id").Single());
        Assert.Equal($"/v1/requests/{id}", response.Headers.Location!.OriginalString);
        Assert.Equal(view.GetProperty("status_url").GetString(), response.Headers.Location.OriginalString);
        Assert.True(int.Parse(response.Headers.GetValues("openai-poll-after-ms").Single(), CultureInfo.InvariantCulture) > 0);
        return (id, view);
    }

    private static async Task<HttpResponseMessage> PostAsync(GatewayFixture gateway, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        if (headers.All(h => h.Name != "Prefer") && !body.Contains("polling", StringComparison.Ordinal))
            request.Headers.Add("Prefer", "respond-async");
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return await gateway.Http.SendAsync(request, Cancellation);
    }

    private static async Task<JsonElement> StateAsync(GatewayFixture gateway, string id, int wait = 0)
    {
        using var response = await gateway.GetAsync($"/v1/requests/{id}?wait={wait}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await GatewayFixture.JsonAsync(response);
    }

    private static async Task WhenAllAnsweredAsync(GatewayFixture gateway)
    {
        using var list = await gateway.GetAsync("/v1/requests");
        foreach (var row in (await GatewayFixture.JsonAsync(list)).GetProperty("data").EnumerateArray())
            await StateAsync(gateway, row.GetProperty("id").GetString()!, wait: 30);
    }

    private static string Plain(string body) => Own().Replace(body, "$1");

    [GeneratedRegex("(\"id\":\"chatcmpl-|\"created\":)[0-9a-f]+")]
    private static partial Regex Own();
}
