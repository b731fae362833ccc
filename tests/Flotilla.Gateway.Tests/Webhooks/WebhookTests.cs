using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Gateway.Tests.Batches;
using Flotilla.Gateway.Tests.Nodes;
using Flotilla.Gateway.Tests.Outbound;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Gateway.Webhooks;
using Flotilla.Protocol.OpenAI;
using Flotilla.Testing.Api;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Webhooks;

/// <summary>Webhooks through the public door, delivered over real sockets.</summary>
public sealed class WebhookTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_end_of_a_job_is_posted_signed_and_once()
    {
        await using var fixture = await WebhookFixture.StartAsync();
        await fixture.AddNodeAsync();
        var made = await fixture.MakeAsync(["job.*"]);
        var webhook = made.GetProperty("id").GetString()!;
        var job = await fixture.ChatAsync();

        var received = await fixture.Receiver.NextAsync();
        var told = received.Json;
        Assert.Equal(("POST", "/hook", "application/json"), (received.Method, received.Path, received.Headers["Content-Type"]));
        Assert.Equal(("event", "job.completed", job), (told.GetProperty("object").GetString(), received.Type, received.DataId));
        Assert.Equal(told.GetProperty("id").GetString(), received.Headers["webhook-id"]);
        Assert.InRange(DateTimeOffset.FromUnixTimeSeconds(told.GetProperty("created_at").GetInt64()), TimeProvider.System.GetUtcNow().AddMinutes(-1), TimeProvider.System.GetUtcNow());
        using var shown = await fixture.Gateway.GetAsync($"/v1/jobs/{job}");
        Assert.True(JsonElement.DeepEquals(await GatewayFixture.JsonAsync(shown), told.GetProperty("data")), received.Text);
        AssertSigned(received, made.GetProperty("secret").GetString()!);

        var delivery = await fixture.WhenAsync(webhook, d => d.GetProperty("status").GetString() == "delivered");
        Assert.Equal((1, 204, received.Headers["webhook-id"]),
            (delivery.GetProperty("attempts").GetInt32(), delivery.GetProperty("response_status").GetInt32(), delivery.GetProperty("event_id").GetString()));
        Assert.Single(await fixture.DeliveriesAsync(webhook));
        Assert.False(fixture.Receiver.HasMore);
    }

    [Fact]
    public async Task The_secret_is_shown_once_and_may_be_ones_own()
    {
        await using var fixture = await WebhookFixture.StartAsync();
        var own = "whsec_" + Convert.ToBase64String(Enumerable.Range(0, 24).Select(i => (byte)i).ToArray());
        var drawn = await fixture.MakeAsync(["*"]);
        var given = await fixture.MakeAsync(["*"], $",\"secret\":\"{own}\"");
        Assert.StartsWith("whsec_", drawn.GetProperty("secret").GetString(), StringComparison.Ordinal);
        Assert.Equal(own, given.GetProperty("secret").GetString());
        Assert.NotEqual(drawn.GetProperty("secret").GetString(), (await fixture.MakeAsync(["*"])).GetProperty("secret").GetString());

        var id = given.GetProperty("id").GetString()!;
        foreach (var path in new[] { "/v1/webhooks", $"/v1/webhooks/{id}", $"/v1/webhooks/{id}/deliveries" })
        {
            using var response = await fixture.Gateway.GetAsync(path);
            var text = await response.Content.ReadAsStringAsync(Cancellation);
            Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
            Assert.DoesNotContain(own[6..], text, StringComparison.Ordinal);
        }

        var test = await fixture.TestAsync(id);
        var received = await fixture.Receiver.NextAsync();
        Assert.Equal((test, WebhookEventTypes.Test, id), (received.Headers["webhook-id"], received.Type, received.DataId));
        AssertSigned(received, own);
    }

    [Fact]
    public async Task A_receiver_that_fails_is_asked_again_under_the_same_id()
    {
        var time = new WatchedTimeProvider();
        await using var fixture = await WebhookFixture.StartAsync(time: time);
        var made = await fixture.MakeAsync(["credit.low"]);
        fixture.Receiver.Answer(500, 302);
        var test = await fixture.TestAsync(made.GetProperty("id").GetString()!);
        var first = await fixture.Receiver.NextAsync();

        await time.WhenSetAsync(WebhookLimits.FirstPause / 2, WebhookLimits.FirstPause);
        var waiting = Assert.Single(await fixture.DeliveriesAsync(made.GetProperty("id").GetString()!));
        Assert.Equal(("waiting", 1, 500), (waiting.GetProperty("status").GetString(), waiting.GetProperty("attempts").GetInt32(), waiting.GetProperty("response_status").GetInt32()));
        Assert.False(fixture.Receiver.HasMore);
        time.Advance(WebhookLimits.FirstPause);
        var second = await fixture.Receiver.NextAsync();
        // A redirect is no delivery either.
        await time.WhenSetAsync(WebhookLimits.FirstPause / 2, (2 * WebhookLimits.FirstPause) - TimeSpan.FromMilliseconds(1));
        time.Advance(2 * WebhookLimits.FirstPause);
        var third = await fixture.Receiver.NextAsync();

        Assert.Equal([test, test, test], new[] { first, second, third }.Select(r => r.Headers["webhook-id"]));
        Assert.Equal(first.Text, third.Text);
        Assert.True(Timestamp(first) < Timestamp(second) && Timestamp(second) < Timestamp(third), "Each attempt is signed anew: receivers refuse what is old.");
        AssertSigned(third, made.GetProperty("secret").GetString()!);
        var delivered = await fixture.WhenAsync(made.GetProperty("id").GetString()!, d => d.GetProperty("status").GetString() == "delivered");
        Assert.Equal((3, 204), (delivered.GetProperty("attempts").GetInt32(), delivered.GetProperty("response_status").GetInt32()));
    }

    [Fact]
    public async Task What_waits_is_delivered_after_a_restart()
    {
        var time = new WatchedTimeProvider();
        await using var fixture = await WebhookFixture.StartAsync(time: time);
        var made = await fixture.MakeAsync(["job.*"]);
        fixture.Receiver.Answer(503);
        var test = await fixture.TestAsync(made.GetProperty("id").GetString()!);
        await fixture.Receiver.NextAsync();
        await fixture.WhenAsync(made.GetProperty("id").GetString()!, d => d.GetProperty("attempts").GetInt32() == 1);

        await fixture.Gateway.RestartAsync(_ => time.Advance(WebhookLimits.FirstPause));

        var again = await fixture.Receiver.NextAsync();
        Assert.Equal(test, again.Headers["webhook-id"]);
        AssertSigned(again, made.GetProperty("secret").GetString()!);
    }

    [Fact]
    public async Task Jobs_that_ended_before_a_crash_are_told_after_it()
    {
        await using var fixture = await WebhookFixture.StartAsync();
        await fixture.AddNodeAsync();
        var webhook = await fixture.MakeIdAsync(["job.completed"]);
        string[] jobs = [await fixture.ChatAsync(), await fixture.ChatAsync()];
        await fixture.Receiver.NextAsync();
        await fixture.Receiver.NextAsync();

        // As a crash between the settlements and their events leaves it.
        await fixture.Gateway.RestartAsync(folder => WebhookFixture.Change(folder, "DELETE FROM webhook_delivery; UPDATE webhook_place SET place = 0"));

        string[] told = [(await fixture.Receiver.NextAsync()).DataId, (await fixture.Receiver.NextAsync()).DataId];
        Assert.Equal(jobs.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
        Assert.Equal(2, (await fixture.DeliveriesAsync(webhook)).Length);
    }

    [Fact]
    public async Task A_webhook_hears_only_what_it_asks_for()
    {
        await using var fixture = await WebhookFixture.StartAsync();
        await fixture.AddNodeAsync();
        var failures = await fixture.MakeIdAsync(["job.failed", "batch.*", "request.*", "response.*"]);
        var others = await fixture.MakeIdAsync(["*"], ",\"models\":[\"other\"]");
        var same = await fixture.MakeIdAsync(["*"], ",\"models\":[\"other\",\"scripted\"]");
        await fixture.ChatAsync();

        // One transaction stores an event for all who hear it.
        await fixture.WhenAsync(same, d => d.GetProperty("status").GetString() == "delivered");
        Assert.Single(await fixture.DeliveriesAsync(same));
        Assert.Empty(await fixture.DeliveriesAsync(failures));
        Assert.Empty(await fixture.DeliveriesAsync(others));
    }

    [Fact]
    public async Task A_job_that_fails_and_one_whose_client_left_are_told_as_such()
    {
        await using var fixture = await WebhookFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await fixture.Gateway.AddNodeAsync(runtime);
        await fixture.MakeIdAsync(["job.*"]);
        runtime.Script = Scripts.Throw(new InvalidOperationException("a bug"), "half ");
        using (var failed = await fixture.Gateway.ChatAsync())
            Assert.Equal(502, (int)failed.StatusCode);
        Assert.Equal("job.failed", (await fixture.Receiver.NextAsync()).Type);

        runtime.Script = Scripts.AnswerThenHang("half ");
        using (var left = await fixture.Gateway.ChatAsync("\"stream\":true"))
        {
            await using var stream = await left.Content.ReadAsStreamAsync(Cancellation);
            Assert.True(await stream.ReadAsync(new byte[1], Cancellation) > 0);
        }

        Assert.Equal("job.cancelled", (await fixture.Receiver.NextAsync()).Type);
    }

    [Fact]
    public async Task The_end_of_a_batch_is_told()
    {
        await using var fixture = await WebhookFixture.StartAsync();
        await fixture.AddNodeAsync();
        await fixture.MakeIdAsync(["batch.*"]);
        var done = (await BatchTests.CreateAsync(fixture.Gateway, BatchTests.Line("c"))).GetProperty("id").GetString();
        var first = await fixture.Receiver.NextAsync();
        Assert.Equal(("batch.completed", done), (first.Type, first.DataId));
        var hopeless = (await BatchTests.CreateAsync(fixture.Gateway, "no json")).GetProperty("id").GetString();
        var second = await fixture.Receiver.NextAsync();
        Assert.Equal(("batch.failed", hopeless), (second.Type, second.DataId));
    }

    [Fact]
    public async Task The_end_of_a_deferred_request_and_of_a_response_in_the_background_is_told()
    {
        await using var fixture = await WebhookFixture.StartAsync();
        await fixture.AddNodeAsync();
        await fixture.MakeIdAsync(["request.*", "response.*"]);
        using (var deferred = await fixture.Gateway.ChatWithHeaderAsync("Prefer", "respond-async", ""))
        {
            var told = await fixture.Receiver.NextAsync();
            Assert.Equal(("request.completed", (await GatewayFixture.JsonAsync(deferred)).GetProperty("id").GetString()), (told.Type, told.DataId));
        }

        using var response = await fixture.Gateway.PostAsync("/v1/responses", """{"model":"scripted","input":"hi","background":true}""");
        var id = (await GatewayFixture.JsonAsync(response)).GetProperty("id").GetString()!;
        Received[] both = [await fixture.Receiver.NextAsync(), await fixture.Receiver.NextAsync()];
        Assert.Equal(["request.completed", "response.completed"], both.Select(r => r.Type).Order(StringComparer.Ordinal));
        Assert.Equal(id, both.Single(r => r.Type == "response.completed").DataId);

        using var unknown = await fixture.Gateway.PostAsync("/v1/responses", """{"model":"nobody","input":"hi","background":true}""");
        both = [await fixture.Receiver.NextAsync(), await fixture.Receiver.NextAsync()];
        Assert.Equal(["request.failed", "response.failed"], both.Select(r => r.Type).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Credits_that_run_low_are_told_once_at_each_crossing()
    {
        await using var fixture = await WebhookFixture.StartAsync();
        await fixture.AddNodeAsync();
        // 1000 credits; a chat costs 230 µcr.
        var low = await fixture.MakeIdAsync(["credit.low"], ",\"credit_threshold\":\"999.9997\"");
        await fixture.MakeIdAsync(["job.completed"]);
        for (var i = 0; i < 4; i++)
            await SpendAsync(fixture);
        var told = Assert.Single(await fixture.DeliveriesAsync(low));
        Assert.Equal("credit.low", told.GetProperty("type").GetString());

        var fund = $$"""{"namespace":"{{fixture.Gateway.Namespace.Value}}","credits":"0.0011"}""";
        using (var funded = await fixture.Gateway.PostAsync("/admin/v1/credits", fund, fixture.Gateway.AdminKey))
            Assert.True(funded.IsSuccessStatusCode);
        await SpendAsync(fixture);
        await SpendAsync(fixture);
        Assert.Single(await fixture.DeliveriesAsync(low));
        await SpendAsync(fixture);
        await SpendAsync(fixture);
        Assert.Equal(2, (await fixture.DeliveriesAsync(low)).Length);
    }

    [Fact]
    public async Task Low_credits_are_told_by_the_gateways_threshold_and_not_again_after_a_restart()
    {
        await using var fixture = await WebhookFixture.StartAsync(o => o with { CreditLow = new Credits(1_001 * Credits.MicroPerCredit) });
        var webhook = await fixture.MakeIdAsync(["credit.low"]);
        var told = await fixture.Receiver.NextAsync();
        Assert.Equal((WebhookEventTypes.CreditLow, fixture.Gateway.Namespace.Value), (told.Type, told.DataId));
        Assert.Equal(("1000", "1001"), (told.Json.GetProperty("data").GetProperty("credits").GetString(), told.Json.GetProperty("data").GetProperty("threshold").GetString()));
        await fixture.WhenAsync(webhook, d => d.GetProperty("status").GetString() == "delivered");

        await fixture.Gateway.RestartAsync();
        await fixture.AddNodeAsync();
        await fixture.MakeIdAsync(["job.completed"]);
        await SpendAsync(fixture);
        await SpendAsync(fixture);
        Assert.Single(await fixture.DeliveriesAsync(webhook));
    }

    [Fact]
    public async Task A_webhook_that_is_deleted_hears_nothing_more()
    {
        await using var fixture = await WebhookFixture.StartAsync();
        await fixture.AddNodeAsync();
        var gone = await fixture.MakeIdAsync(["*"]);
        var stays = await fixture.MakeIdAsync(["*"]);
        using (var deleted = await fixture.Gateway.SendAsync(HttpMethod.Delete, $"/v1/webhooks/{gone}", null, fixture.Gateway.ApiKey))
            Assert.True((await GatewayFixture.JsonAsync(deleted)).GetProperty("deleted").GetBoolean());
        await fixture.ChatAsync();
        await fixture.WhenAsync(stays, d => d.GetProperty("status").GetString() == "delivered");
        await fixture.Receiver.NextAsync();
        Assert.False(fixture.Receiver.HasMore);
        foreach (var (method, path) in new[] { ("GET", ""), ("DELETE", ""), ("POST", "/test"), ("GET", "/deliveries") })
        {
            using var response = await fixture.Gateway.SendAsync(new HttpMethod(method), $"/v1/webhooks/{gone}{path}", null, fixture.Gateway.ApiKey);
            Assert.Equal((404, "not_found"), ((int)response.StatusCode, (await GatewayFixture.ErrorAsync(response)).Code));
        }

        using var list = await fixture.Gateway.GetAsync("/v1/webhooks");
        Assert.Equal([stays], (await GatewayFixture.JsonAsync(list)).GetProperty("data").EnumerateArray().Select(w => w.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_webhook_is_nobody_elses()
    {
        await using var fixture = await WebhookFixture.StartAsync();
        await fixture.AddNodeAsync();
        var other = await fixture.Gateway.App.Ledger.Keys.CreateNamespaceAsync(fixture.Gateway.Account, "other", Cancellation);
        var stranger = (await fixture.Gateway.App.Ledger.Keys.CreateKeyAsync(other, "other", Flotilla.Ledger.KeyKind.Client, Cancellation)).Secret;
        var mine = await fixture.MakeIdAsync(["job.*"]);
        using (var made = await fixture.Gateway.PostAsync("/v1/webhooks", $$"""{"url":"{{fixture.Receiver.Url}}","events":["job.*"]}""", stranger))
        {
            var theirs = (await GatewayFixture.JsonAsync(made)).GetProperty("id").GetString();
            using var list = await fixture.Gateway.GetAsync("/v1/webhooks", stranger);
            Assert.Equal([theirs], (await GatewayFixture.JsonAsync(list)).GetProperty("data").EnumerateArray().Select(w => w.GetProperty("id").GetString()));
        }

        foreach (var (method, path) in new[] { ("GET", ""), ("DELETE", ""), ("POST", "/test"), ("GET", "/deliveries") })
        {
            using var response = await fixture.Gateway.SendAsync(new HttpMethod(method), $"/v1/webhooks/{mine}{path}", null, stranger);
            Assert.Equal(404, (int)response.StatusCode);
        }

        var job = await fixture.ChatAsync();
        Assert.Equal(job, (await fixture.Receiver.NextAsync()).DataId);
        await fixture.WhenAsync(mine, d => d.GetProperty("status").GetString() == "delivered");
        Assert.False(fixture.Receiver.HasMore);
    }

    [Fact]
    public async Task What_is_posted_to_webhooks_is_what_the_schema_says()
    {
        await using var fixture = await WebhookFixture.StartAsync();
        var made = await fixture.MakeAsync(["*"], ",\"models\":[\"scripted\"],\"credit_threshold\":12.5");
        Assert.Equal("12.5", made.GetProperty("credit_threshold").GetString());
        using var test = await fixture.Gateway.PostAsync($"/v1/webhooks/{made.GetProperty("id").GetString()}/test", "");
        var contract = await fixture.Gateway.ContractAsync();
        Assert.Null(contract.Fault("WebhookEvent", (await fixture.Receiver.NextAsync()).Json));
        var filters = SchemaCheck.Named(contract.Document, "WebhookRequest").GetProperty("properties").GetProperty("events").GetProperty("items").GetProperty("enum");
        Assert.Equal(WebhookEventTypes.Filters, filters.EnumerateArray().Select(filter => filter.GetString()!));
    }

    private static async Task SpendAsync(WebhookFixture fixture)
    {
        var job = await fixture.ChatAsync();
        // The event of a job is stored after the look at the credits that followed the job before.
        while (true)
        {
            var told = await fixture.Receiver.NextAsync();
            if (told.Type == WebhookEventTypes.CreditLow)
                continue;
            Assert.Equal(job, told.DataId);
            return;
        }
    }

    private static long Timestamp(Received received) => long.Parse(received.Headers["webhook-timestamp"], CultureInfo.InvariantCulture);

    /// <summary>Standard Webhooks, written out once more.</summary>
    private static void AssertSigned(Received received, string secret)
    {
        var signed = Encoding.UTF8.GetBytes($"{received.Headers["webhook-id"]}.{received.Headers["webhook-timestamp"]}.{received.Text}");
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed)), received.Headers["webhook-signature"]);
    }
}
