using System.Text;
using System.Text.Json;
using Flotilla.Gateway.Tests.Outbound;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Gateway.Webhooks;

namespace Flotilla.Gateway.Tests.Webhooks;

/// <summary>What webhooks refuse, and whom they never call.</summary>
public sealed class WebhookRefusalTests
{
    [Fact]
    public async Task A_URL_that_may_not_be_called_is_refused_by_name()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        foreach (var (url, _) in OutboundUrlTests.Refused.Select(row => row.Data).Append(("", "")))
        {
            using var response = await gateway.PostAsync("/v1/webhooks", $$"""{"url":{{JsonSerializer.Serialize(url)}},"events":["*"]}""");
            var error = await GatewayFixture.ErrorAsync(response);
            Assert.True((error.Status, error.Code, error.Param) == (400, "invalid_value", "url"), $"{url}: {error}");
        }

        using var list = await gateway.GetAsync("/v1/webhooks");
        Assert.Empty((await GatewayFixture.JsonAsync(list)).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task A_name_that_leads_to_this_machine_is_not_called()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { Outbound = new OutboundOptions { AllowHttp = true } });
        using var made = await gateway.PostAsync("/v1/webhooks", $$"""{"url":"http://localhost:{{receiver.Port}}/","events":["*"]}""");
        var id = (await GatewayFixture.JsonAsync(made)).GetProperty("id").GetString();
        using var test = await gateway.PostAsync($"/v1/webhooks/{id}/test", "");
        JsonElement delivery;
        do
        {
            using var list = await gateway.GetAsync($"/v1/webhooks/{id}/deliveries");
            delivery = (await GatewayFixture.JsonAsync(list)).GetProperty("data")[0];
        }
        while (delivery.GetProperty("attempts").GetInt32() == 0);

        Assert.Equal(("waiting", "The host leads to an address that is not public."), (delivery.GetProperty("status").GetString(), delivery.GetProperty("error").GetString()));
        Assert.Equal(JsonValueKind.Null, delivery.GetProperty("response_status").ValueKind);
        Assert.False(receiver.HasMore);
    }

    [Theory]
    [InlineData("""{"events":["*"]}""", "missing_required_parameter", "url")]
    [InlineData("""{"url":"https://hooks.example/"}""", "missing_required_parameter", "events")]
    [InlineData("""{"url":7,"events":["*"]}""", "invalid_type", "url")]
    [InlineData("""{"url":"https://hooks.example/","events":"job.*"}""", "invalid_type", "events")]
    [InlineData("""{"url":"https://hooks.example/","events":[]}""", "invalid_value", "events")]
    [InlineData("""{"url":"https://hooks.example/","events":["job.completed","job"]}""", "invalid_value", "events[1]")]
    [InlineData("""{"url":"https://hooks.example/","events":["webhook.test"]}""", "invalid_value", "events[0]")]
    [InlineData("""{"url":"https://hooks.example/","events":["*"],"models":[]}""", "invalid_value", "models")]
    [InlineData("""{"url":"https://hooks.example/","events":["*"],"models":[""]}""", "invalid_value", "models[0]")]
    [InlineData("""{"url":"https://hooks.example/","events":["*"],"secret":"hunter2"}""", "invalid_value", "secret")]
    [InlineData("""{"url":"https://hooks.example/","events":["*"],"secret":"whsec_c2hvcnQ="}""", "invalid_value", "secret")]
    [InlineData("""{"url":"https://hooks.example/","events":["*"],"secret":"whsec_???"}""", "invalid_value", "secret")]
    [InlineData("""{"url":"https://hooks.example/","events":["*"],"credit_threshold":"-1"}""", "invalid_value", "credit_threshold")]
    [InlineData("""{"url":"https://hooks.example/","events":["*"],"credit_threshold":"0.0000001"}""", "invalid_value", "credit_threshold")]
    [InlineData("""{"url":"https://hooks.example/","events":["*"],"credit_threshold":[]}""", "invalid_type", "credit_threshold")]
    [InlineData("""{"url":"https://hooks.example/","events":["*"],"retries":9}""", "invalid_request", null)]
    [InlineData("""["https://hooks.example/"]""", "invalid_json", null)]
    [InlineData("", "invalid_json", null)]
    public async Task A_body_that_is_wrong_is_refused_by_its_field(string body, string code, string? param)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        using var response = await gateway.PostAsync("/v1/webhooks", body);
        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, code, param), (error.Status, error.Code, error.Param));
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_has_so_many_and_a_repeat_makes_none()
    {
        await using var fixture = await WebhookFixture.StartAsync();
        var first = await fixture.MakeIdAsync(["*"]);
        var made = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/webhooks") { Content = new StringContent($$"""{"url":"{{fixture.Receiver.Url}}","events":["*"]}""", Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new("Bearer", fixture.Gateway.ApiKey);
            request.Headers.Add("Idempotency-Key", "once");
            using var response = await fixture.Gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
            made.Add(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(made[0], made[1]);
        Assert.DoesNotContain(first, made[0], StringComparison.Ordinal);
        for (var i = 2; i < WebhookLimits.PerNamespaceMax; i++)
            await fixture.MakeAsync(["*"]);
        using var refused = await fixture.Gateway.PostAsync("/v1/webhooks", $$"""{"url":"{{fixture.Receiver.Url}}","events":["*"]}""");
        Assert.Equal((400, "invalid_request"), ((int)refused.StatusCode, (await GatewayFixture.ErrorAsync(refused)).Code));
    }

    [Fact]
    public async Task Pages_of_webhooks_and_deliveries_are_cut_as_asked_for()
    {
        await using var fixture = await WebhookFixture.StartAsync();
        string[] ids = [await fixture.MakeIdAsync(["*"]), await fixture.MakeIdAsync(["*"])];
        Array.Sort(ids, StringComparer.Ordinal);
        using (var page = await fixture.Gateway.GetAsync($"/v1/webhooks?limit=1&after={ids[1]}"))
            Assert.Equal(ids[0], (await GatewayFixture.JsonAsync(page)).GetProperty("data")[0].GetProperty("id").GetString());
        var first = await fixture.TestAsync(ids[0]);
        var second = await fixture.TestAsync(ids[0]);
        using (var page = await fixture.Gateway.GetAsync($"/v1/webhooks/{ids[0]}/deliveries?limit=1"))
        {
            var json = await GatewayFixture.JsonAsync(page);
            Assert.Equal((second, true), (json.GetProperty("data")[0].GetProperty("event_id").GetString(), json.GetProperty("has_more").GetBoolean()));
            using var next = await fixture.Gateway.GetAsync($"/v1/webhooks/{ids[0]}/deliveries?after={json.GetProperty("last_id").GetString()}");
            Assert.Equal(first, (await GatewayFixture.JsonAsync(next)).GetProperty("data")[0].GetProperty("event_id").GetString());
        }

        using var wrong = await fixture.Gateway.GetAsync($"/v1/webhooks/{ids[0]}/deliveries?limit=0");
        Assert.Equal("limit", (await GatewayFixture.ErrorAsync(wrong)).Param);
    }
}
