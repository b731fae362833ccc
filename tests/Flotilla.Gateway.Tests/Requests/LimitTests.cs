using System.Globalization;
using System.Net;
using System.Text.Json;
using Flotilla.Gateway.Tests.Nodes;
using Flotilla.Ledger;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Limits per key and namespace, through the public door.</summary>
public sealed class LimitTests
{
    private static readonly RateLimits None = new(0, 0, 0);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_beyond_the_minutes_are_429_with_a_time_to_come_back_and_hold_nothing()
    {
        // The clock stands still: what flows back within the minute is no matter of how fast this machine is.
        await using var gateway = await StartAsync(key: new RateLimits(2, 0, 0), time: new ManualTimeProvider());

        using (var first = await gateway.ChatAsync())
        {
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            Assert.Equal(("2", "1"), (Header(first, "x-ratelimit-limit-requests"), Header(first, "x-ratelimit-remaining-requests")));
            Assert.Equal("30s", Header(first, "x-ratelimit-reset-requests"));
            Assert.False(first.Headers.Contains("x-ratelimit-limit-tokens"));
        }

        using (var second = await gateway.ChatAsync("\"stream\":true"))
        {
            Assert.Equal("0", Header(second, "x-ratelimit-remaining-requests"));
            await second.Content.ReadAsStringAsync(Cancellation);
        }

        using var third = await gateway.ChatAsync();

        var error = await GatewayFixture.ErrorAsync(third);
        Assert.Equal((429, "rate_limit_error", "rate_limit_exceeded"), (error.Status, error.Type, error.Code));
        Assert.Equal("30", Header(third, "Retry-After"));
        Assert.Equal("0", Header(third, "x-ratelimit-remaining-requests"));
        Assert.False(third.Headers.Contains("x-flotilla-job-id"));
        // Reading is free.
        using var models = await gateway.GetAsync("/v1/models");
        Assert.Equal(HttpStatusCode.OK, models.StatusCode);
        Assert.Equal("0", Header(models, "x-ratelimit-remaining-requests"));
    }

    [Fact]
    public async Task Tokens_are_charged_at_their_worst_before_and_corrected_after()
    {
        await using var gateway = await StartAsync(key: new RateLimits(0, 5_000, 0));
        var runtime = gateway.Runtime;
        runtime.Script = Scripts.AnswerWhenPermitted("one");
        var asking = gateway.ChatAsync("\"max_tokens\":4000");
        var run = await runtime.NextRunAsync(Cancellation);

        using (var refused = await gateway.ChatAsync("\"max_tokens\":4000"))
            Assert.Equal("rate_limit_exceeded", (await GatewayFixture.ErrorAsync(refused)).Code);

        run.Permit(2);
        using (var served = await asking)
            await served.Content.ReadAsStringAsync(Cancellation);
        runtime.Script = Scripts.Answer("two");
        using var again = await gateway.ChatAsync("\"max_tokens\":4000");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        using var models = await gateway.GetAsync("/v1/models");
        // Two answers of a prompt and a token each, not twice 4,000.
        Assert.InRange(int.Parse(Header(models, "x-ratelimit-remaining-tokens"), CultureInfo.InvariantCulture), 4_900, 5_000);
    }

    [Fact]
    public async Task A_request_with_an_idempotency_key_counts_like_any_other()
    {
        await using var gateway = await StartAsync(key: new RateLimits(0, 5_000, 0));
        gateway.Runtime.Script = Scripts.AnswerWhenPermitted("one");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(GatewayFixture.Chat("\"max_tokens\":4000"), System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Authorization", $"Bearer {gateway.Fixture.ApiKey}");
        request.Headers.Add("Idempotency-Key", "k-1");
        var asking = gateway.Fixture.Http.SendAsync(request, Cancellation);
        var run = await gateway.Runtime.NextRunAsync(Cancellation);

        using (var refused = await gateway.ChatAsync("\"max_tokens\":4000"))
            Assert.Equal(429, (int)refused.StatusCode);

        run.Permit(2);
        using var served = await asking;
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
    }

    [Fact]
    public async Task A_run_whose_client_left_counts_until_it_ends()
    {
        await using var gateway = await StartAsync(key: new RateLimits(0, 0, 1));
        var sibling = (await gateway.App.Ledger.Keys.CreateKeyAsync(gateway.Namespace, "sibling", KeyKind.Client, Cancellation)).Secret;
        gateway.Runtime.Script = Scripts.AnswerWhenPermitted("one", "two");
        var asking = gateway.Fixture.ChatWithHeaderAsync("Idempotency-Key", "k-1", "\"stream\":true");
        var run = await gateway.Runtime.NextRunAsync(Cancellation);
        run.Permit();
        (await asking).Dispose();
        // Somebody who leaves later, and is seen to have left.
        var leaving = gateway.PostAsync("/v1/chat/completions", GatewayFixture.Chat("\"stream\":true"), sibling);
        (await gateway.Runtime.NextRunAsync(Cancellation)).Permit();
        var left = await leaving;
        var job = Header(left, "x-flotilla-job-id");
        left.Dispose();
        await gateway.Fixture.WhenSettledAsync(job);

        using var next = await gateway.ChatAsync();
        run.Permit(2);

        Assert.Equal(429, (int)next.StatusCode);
        using var again = await gateway.GetAsync("/v1/jobs?limit=2");
        foreach (var one in (await GatewayFixture.JsonAsync(again)).GetProperty("data").EnumerateArray())
            await gateway.Fixture.WhenSettledAsync(one.GetProperty("id").GetString()!);
    }

    [Fact]
    public async Task A_deferred_request_counts_its_tokens_when_it_is_served()
    {
        await using var gateway = await StartAsync(key: new RateLimits(0, 5_000, 0), time: new ManualTimeProvider());

        using (var accepted = await gateway.Fixture.ChatWithHeaderAsync("Prefer", "respond-async"))
        {
            var id = (await GatewayFixture.JsonAsync(accepted)).GetProperty("id").GetString();
            using var result = await gateway.GetAsync($"/v1/requests/{id}/result?wait=30");
            Assert.Equal(HttpStatusCode.OK, result.StatusCode);
        }

        using var models = await gateway.GetAsync("/v1/models");
        Assert.Equal((5_000 - Scripts.PromptLength - 4).ToString(CultureInfo.InvariantCulture), Header(models, "x-ratelimit-remaining-tokens"));
    }

    [Fact]
    public async Task A_deferred_request_waits_for_its_own_limit_and_holds_nobody_up()
    {
        var clock = new WatchedTimeProvider();
        await using var gateway = await StartAsync(key: new RateLimits(0, 5_000, 0), time: clock);
        var (_, stranger) = await gateway.Fixture.AddNamespaceAsync("other");
        gateway.Runtime.Script = Scripts.AnswerWhenPermitted("one");
        var asking = gateway.ChatAsync("\"max_tokens\":4000");
        var run = await gateway.Runtime.NextRunAsync(Cancellation);
        gateway.Runtime.Script = Scripts.Answer("two");

        using var own = await gateway.Fixture.ChatWithHeaderAsync("Prefer", "respond-async", "\"max_tokens\":4000");
        var id = (await GatewayFixture.JsonAsync(own)).GetProperty("id").GetString();
        using var other = await gateway.Fixture.ChatWithHeaderAsync("Prefer", "respond-async", "\"max_tokens\":4000", stranger);
        using (var served = await gateway.GetAsync($"/v1/requests/{(await GatewayFixture.JsonAsync(other)).GetProperty("id").GetString()}/result?wait=30", stranger))
            Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        // The first one was before it, and no node has seen it.
        Assert.Equal(1, gateway.Runtime.Waiting);
        using (var state = await gateway.GetAsync($"/v1/requests/{id}"))
            Assert.True((await GatewayFixture.JsonAsync(state)).GetProperty("status").GetString() is "queued" or "in_progress");

        run.Permit(2);
        using (var answer = await asking)
            await answer.Content.ReadAsStringAsync(Cancellation);
        // What it waited for is there; it comes again when its refusal said, and no later than after the longest pause.
        for (var looked = GatewayLimits.FleetLookInterval; looked < GatewayLimits.RefusedPauseMax; looked += GatewayLimits.FleetLookInterval)
            await clock.PassAsync(GatewayLimits.FleetLookInterval);
        Assert.Equal(1, gateway.Runtime.Waiting);
        clock.Advance(GatewayLimits.FleetLookInterval);
        using var result = await gateway.GetAsync($"/v1/requests/{id}/result?wait=30");
        Assert.Equal(HttpStatusCode.OK, result.StatusCode);
    }

    [Fact]
    public async Task A_failed_request_gives_its_tokens_back()
    {
        await using var gateway = await StartAsync(key: new RateLimits(0, 5_000, 0));
        gateway.Runtime.Script = Scripts.Throw(new InvalidOperationException("broken"));

        using (var failed = await gateway.ChatAsync("\"max_tokens\":4000"))
            Assert.Equal(502, (int)failed.StatusCode);

        using var models = await gateway.GetAsync("/v1/models");
        Assert.Equal("5000", Header(models, "x-ratelimit-remaining-tokens"));
    }

    [Fact]
    public async Task One_at_a_time_means_one_until_it_ends()
    {
        await using var gateway = await StartAsync(key: new RateLimits(0, 0, 1));
        gateway.Runtime.Script = Scripts.AnswerWhenPermitted("one");
        var asking = gateway.ChatAsync();
        var run = await gateway.Runtime.NextRunAsync(Cancellation);

        using (var refused = await gateway.ChatAsync())
        {
            Assert.Equal(429, (int)refused.StatusCode);
            Assert.Equal("1", Header(refused, "Retry-After"));
        }

        run.Permit(2);
        using (var served = await asking)
            await served.Content.ReadAsStringAsync(Cancellation);
        gateway.Runtime.Script = Scripts.Answer("two");
        // The place is free when the request is over, which is a moment after its last byte.
        HttpStatusCode status;
        do
        {
            using var next = await gateway.ChatAsync();
            status = next.StatusCode;
        }
        while (status == HttpStatusCode.TooManyRequests);
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task Keys_of_one_namespace_share_its_limit_and_another_namespace_has_its_own()
    {
        await using var gateway = await StartAsync(space: new RateLimits(1, 0, 0));
        var sibling = (await gateway.App.Ledger.Keys.CreateKeyAsync(gateway.Namespace, "sibling", KeyKind.Client, Cancellation)).Secret;
        var other = await gateway.App.Ledger.Keys.CreateNamespaceAsync(gateway.Account, "other", Cancellation);
        var stranger = (await gateway.App.Ledger.Keys.CreateKeyAsync(other, "stranger", KeyKind.Client, Cancellation)).Secret;

        using var first = await gateway.ChatAsync();
        using var second = await gateway.PostAsync("/v1/chat/completions", GatewayFixture.Chat(), sibling);
        using var third = await gateway.PostAsync("/v1/chat/completions", GatewayFixture.Chat(), stranger);

        Assert.Equal(200, (int)first.StatusCode);
        Assert.Contains("namespace", (await GatewayFixture.ErrorAsync(second)).Message, StringComparison.Ordinal);
        // It has no credits, and that it is told, not 429.
        Assert.Equal(402, (int)third.StatusCode);
    }

    [Fact]
    public async Task A_key_has_the_limits_that_an_operator_gave_it_also_after_a_restart()
    {
        await using var gateway = await StartAsync(key: new RateLimits(100, 0, 0));
        using var made = await gateway.PostAsync("/admin/v1/keys", """{"name":"small","requests_per_minute":2,"concurrency":7}""", gateway.Fixture.AdminKey);
        var small = (await GatewayFixture.JsonAsync(made)).GetProperty("secret").GetString()!;

        using (var first = await gateway.PostAsync("/v1/chat/completions", GatewayFixture.Chat(), small))
            Assert.Equal(("2", "1"), (Header(first, "x-ratelimit-limit-requests"), Header(first, "x-ratelimit-remaining-requests")));
        using (var usual = await gateway.ChatAsync())
            Assert.Equal("100", Header(usual, "x-ratelimit-limit-requests"));
        await gateway.Fixture.RestartAsync();

        using var view = await gateway.Fixture.GetAsync("/v1/key", small);
        var rate = (await GatewayFixture.JsonAsync(view)).GetProperty("data").GetProperty("rate_limit");
        Assert.Equal((2, 0, 7), (rate.GetProperty("requests").GetInt32(), rate.GetProperty("tokens").GetInt32(), rate.GetProperty("concurrency").GetInt32()));
        using var list = await gateway.Fixture.GetAsync("/admin/v1/keys", gateway.Fixture.AdminKey);
        var row = (await GatewayFixture.JsonAsync(list)).GetProperty("data").EnumerateArray().Single(k => k.GetProperty("name").GetString() == "small");
        Assert.Equal((2, JsonValueKind.Null), (row.GetProperty("requests_per_minute").GetInt32(), row.GetProperty("tokens_per_minute").ValueKind));
    }

    [Fact]
    public async Task Another_limit_holds_from_the_next_request_on()
    {
        await using var gateway = await StartAsync();
        var id = gateway.App.Ledger.Keys.List(gateway.Namespace).Single().Id.Value;
        using (var free = await gateway.ChatAsync())
            Assert.False(free.Headers.Contains("x-ratelimit-limit-requests"));

        using (var limited = await gateway.Fixture.SendAsync(HttpMethod.Put, $"/admin/v1/keys/{id}/limits", """{"requests_per_minute":1}""", gateway.Fixture.AdminKey))
            Assert.Equal(1, (await GatewayFixture.JsonAsync(limited)).GetProperty("data")[0].GetProperty("requests_per_minute").GetInt32());
        using (var last = await gateway.ChatAsync())
            Assert.Equal(HttpStatusCode.OK, last.StatusCode);
        using (var refused = await gateway.ChatAsync())
            Assert.Contains("This key may have 1 requests per minute", (await GatewayFixture.ErrorAsync(refused)).Message, StringComparison.Ordinal);

        using (var freed = await gateway.Fixture.SendAsync(HttpMethod.Put, $"/admin/v1/keys/{id}/limits", "{}", gateway.Fixture.AdminKey))
            Assert.Equal(HttpStatusCode.OK, freed.StatusCode);
        using var again = await gateway.ChatAsync();
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Theory]
    [InlineData("POST", "/admin/v1/keys", """{"concurrency":-1}""", 400, "concurrency")]
    [InlineData("POST", "/admin/v1/keys", """{"admin":true,"concurrency":1}""", 400, "admin")]
    [InlineData("PUT", "/admin/v1/keys/key_none/limits", "{}", 404, "id")]
    public async Task A_limit_that_cannot_be_is_refused_and_makes_no_key(string method, string path, string body, int status, string param)
    {
        await using var gateway = await StartAsync();
        var keys = gateway.App.Ledger.Keys.List(null).Count;

        using var refused = await gateway.Fixture.SendAsync(new HttpMethod(method), path, body, gateway.Fixture.AdminKey);

        var error = await GatewayFixture.ErrorAsync(refused);
        Assert.Equal((status, param), (error.Status, error.Param));
        Assert.Equal(keys, gateway.App.Ledger.Keys.List(null).Count);
    }

    [Fact]
    public void A_negative_limit_is_refused_at_the_start() => Assert.Contains(
        GatewayOptionsValidator.Faults(new GatewayOptions { DataFolder = "x", KeyLimits = new RateLimits(-1, 0, 0) }),
        fault => fault.Contains("-1", StringComparison.Ordinal));

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();

    private static async Task<LimitedGateway> StartAsync(RateLimits? key = null, RateLimits? space = null, TimeProvider? time = null)
    {
        var gateway = await GatewayFixture.StartAsync(configure: o => o with { KeyLimits = key ?? None, NamespaceLimits = space ?? None }, time: time);
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        return new LimitedGateway(gateway, runtime);
    }

    private sealed record LimitedGateway(GatewayFixture Fixture, ScriptedRuntime Runtime) : IAsyncDisposable
    {
        public GatewayApp App => Fixture.App;

        public Core.NamespaceId Namespace => Fixture.Namespace;

        public Core.AccountId Account => Fixture.Account;

        public Task<HttpResponseMessage> ChatAsync(string more = "") => Fixture.ChatAsync(more);

        public Task<HttpResponseMessage> PostAsync(string path, string body, string key) => Fixture.PostAsync(path, body, key);

        public Task<HttpResponseMessage> GetAsync(string path, string? key = null) => Fixture.GetAsync(path, key);

        public ValueTask DisposeAsync() => Fixture.DisposeAsync();
    }
}
