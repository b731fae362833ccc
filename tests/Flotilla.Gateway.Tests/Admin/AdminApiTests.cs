using System.Net;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Admin;

public sealed class AdminApiTests
{
    [Fact]
    public async Task A_key_is_made_used_and_revoked()
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var made = await gateway.PostAsync("/admin/v1/keys", "{\"name\":\"app\"}", gateway.AdminKey);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var key = await GatewayFixture.JsonAsync(made);
        var secret = key.GetProperty("secret").GetString()!;
        using var works = await gateway.GetAsync("/v1/models", secret);
        Assert.Equal(HttpStatusCode.OK, works.StatusCode);

        using var revoked = await gateway.SendAsync(HttpMethod.Delete, $"/admin/v1/keys/{key.GetProperty("id").GetString()}", null, gateway.AdminKey);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        using var refused = await gateway.GetAsync("/v1/models", secret);
        Assert.Equal(401, (int)refused.StatusCode);
        using var list = await gateway.GetAsync("/admin/v1/keys", gateway.AdminKey);
        Assert.DoesNotContain(secret, await list.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "client")]
    [InlineData("{\"admin\":true}", "admin")]
    public async Task A_key_without_a_name_is_called_what_it_is(string body, string name)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        using var made = await gateway.PostAsync("/admin/v1/keys", body, gateway.AdminKey);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var id = (await GatewayFixture.JsonAsync(made)).GetProperty("id").GetString();
        using var list = await gateway.GetAsync("/admin/v1/keys", gateway.AdminKey);
        var row = (await GatewayFixture.JsonAsync(list)).GetProperty("data").EnumerateArray().Single(k => k.GetProperty("id").GetString() == id);
        Assert.Equal((name, name), (row.GetProperty("name").GetString(), row.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task Credits_are_added_once_for_one_id()
    {
        await using var gateway = await GatewayFixture.StartAsync(credits: "1");
        const string Body = "{\"credits\":\"2.5\",\"id\":\"tx_0123456789abcdef0123456789abcdef\"}";

        for (var i = 0; i < 2; i++)
        {
            using var response = await gateway.PostAsync("/admin/v1/credits", Body, gateway.AdminKey);
            var row = (await GatewayFixture.JsonAsync(response)).GetProperty("data")[0];
            Assert.Equal("3.5", row.GetProperty("available").GetString());
        }
    }

    [Theory]
    [InlineData("/admin/v1/credits", "{\"credits\":\"-1\"}")]
    [InlineData("/admin/v1/credits", "{\"credits\":\"0.0000001\"}")]
    [InlineData("/admin/v1/credits", "{\"credits\":5}")]
    [InlineData("/admin/v1/credits", "{\"credits\":\"1\",\"amount\":\"1\"}")]
    [InlineData("/admin/v1/keys", "{\"role\":\"admin\"}")]
    [InlineData("/admin/v1/keys", "null")]
    [InlineData("/admin/v1/keys", "{")]
    [InlineData("/admin/v1/join-tokens", "{\"minutes\":0}")]
    [InlineData("/admin/v1/join-tokens", "{\"minutes\":1441}")]
    [InlineData("/admin/v1/keys", "{\"name\":\"a\\u0007b\"}")]
    [InlineData("/admin/v1/keys", "{\"name\":\"\"}")]
    [InlineData("/admin/v1/keys", "{\"name\":\"  \"}")]
    [InlineData("/admin/v1/namespaces", "{}")]
    [InlineData("/admin/v1/credits", "{\"credits\":null}")]
    [InlineData("/admin/v1/namespaces", "{\"name\":\"\"}")]
    public async Task A_bad_body_is_refused_and_changes_nothing(string path, string body)
    {
        await using var gateway = await GatewayFixture.StartAsync(credits: "1");

        using var response = await gateway.PostAsync(path, body, gateway.AdminKey);

        Assert.Equal(400, (await GatewayFixture.ErrorAsync(response)).Status);
        Assert.Equal(1_000_000, gateway.Balance.Available.Micro);
    }

    [Theory]
    [InlineData("""{"input":"1","cached_input":"1","output":"1","node_share_percent":"50"}""")]
    [InlineData("""{"model":" ","input":"1","cached_input":"1","output":"1","node_share_percent":"50"}""")]
    [InlineData("""{"model":"m","input":"-1","cached_input":"1","output":"1","node_share_percent":"50"}""")]
    [InlineData("""{"model":"m","input":"1","cached_input":"1","output":"1000000001","node_share_percent":"50"}""")]
    [InlineData("""{"model":"m","input":"1","cached_input":"1","output":"1","node_share_percent":"100.01"}""")]
    public async Task A_bad_price_is_refused(string body)
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var response = await gateway.SendAsync(HttpMethod.Put, "/admin/v1/prices", body, gateway.AdminKey);

        Assert.Equal(400, (await GatewayFixture.ErrorAsync(response)).Status);
    }

    [Fact]
    public async Task Nodes_models_prices_and_usage_are_listed()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var node = await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using var chat = await gateway.ChatAsync();

        using var nodes = await gateway.GetAsync("/admin/v1/nodes", gateway.AdminKey);
        var row = (await GatewayFixture.JsonAsync(nodes)).GetProperty("data")[0];
        Assert.Equal((node.Id.Value, "online"), (row.GetProperty("id").GetString(), row.GetProperty("status").GetString()));
        Assert.True(row.GetProperty("models")[0].GetProperty("admitted").GetBoolean());
        // 7 prompt and 4 completion tokens cost 230 µcr; the node's 80 % are 184.
        Assert.Equal("0.000184", row.GetProperty("earned").GetString());

        using var usage = await gateway.GetAsync("/admin/v1/usage?group_by=model,namespace", gateway.AdminKey);
        var line = (await GatewayFixture.JsonAsync(usage)).GetProperty("data")[0];
        Assert.Equal((GatewayFixture.Model, 1L, "0.00023"), (line.GetProperty("model").GetString(), line.GetProperty("jobs").GetInt64(), line.GetProperty("charge").GetString()));
        using var bad = await gateway.GetAsync("/admin/v1/usage?group_by=color", gateway.AdminKey);
        Assert.Equal(400, (int)bad.StatusCode);
    }

    [Fact]
    public async Task A_price_holds_from_the_next_request_on()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        const string Body = """{"model":"scripted","input":"0","cached_input":"0","output":"1000000","node_share_percent":"50"}""";

        using var set = await gateway.SendAsync(HttpMethod.Put, "/admin/v1/prices", Body, gateway.AdminKey);
        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        using var response = await gateway.ChatAsync("\"max_tokens\":10");
        var job = await gateway.WhenSettledAsync(response.Headers.GetValues("x-flotilla-job-id").Single());

        Assert.Equal("4", job.GetProperty("credits_charged").GetString());
    }

    [Fact]
    public async Task A_revoked_node_is_sent_away()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var node = await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var revoked = await gateway.SendAsync(HttpMethod.Delete, $"/admin/v1/nodes/{node.Id}", null, gateway.AdminKey);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        await gateway.WhenGoneAsync(GatewayFixture.Model);

        using var response = await gateway.ChatAsync();
        Assert.Equal(503, (int)response.StatusCode);
    }
}
