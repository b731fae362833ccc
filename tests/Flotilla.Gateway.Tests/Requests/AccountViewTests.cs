using System.Text.Json;
using Flotilla.Core;
using Flotilla.Ledger;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>What a key may know of its namespace, and that it knows nothing of another.</summary>
public sealed class AccountViewTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Credits_and_key_add_up_to_what_the_ledger_says()
    {
        await using var gateway = await GatewayFixture.StartAsync(credits: "10");
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        await ChatAsync(gateway);
        await ChatAsync(gateway);

        var credits = (await GetAsync(gateway, "/v1/credits")).GetProperty("data");
        var spent = credits.GetProperty("total_usage").GetDecimal();
        Assert.Equal(10m, credits.GetProperty("total_credits").GetDecimal());
        Assert.True(spent > 0);
        Assert.Equal(10m - spent, credits.GetProperty("available").GetDecimal());
        Assert.Equal(0m, credits.GetProperty("held").GetDecimal());

        var key = (await GetAsync(gateway, "/v1/key")).GetProperty("data");
        Assert.Equal("test", key.GetProperty("label").GetString());
        Assert.Equal(spent, key.GetProperty("usage").GetDecimal());
        Assert.Equal(spent, key.GetProperty("usage_monthly").GetDecimal());
        Assert.Equal(JsonValueKind.Null, key.GetProperty("limit").ValueKind);
        Assert.Equal(60_000, key.GetProperty("rate_limit").GetProperty("requests").GetInt64());
    }

    [Fact]
    public async Task Usage_is_grouped_and_cut_by_time()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        await ChatAsync(gateway);
        await ChatAsync(gateway);

        var row = Assert.Single((await GetAsync(gateway, "/v1/usage?group_by=day,key,model")).GetProperty("data").EnumerateArray());
        Assert.Equal((GatewayFixture.Model, 2L), (row.GetProperty("model").GetString(), row.GetProperty("jobs").GetInt64()));
        Assert.StartsWith("key_", row.GetProperty("key").GetString(), StringComparison.Ordinal);
        Assert.Equal(2 * Scripts.PromptLength, row.GetProperty("prompt_tokens").GetInt64());
        Assert.Equal(JsonValueKind.Null, Assert.Single((await GetAsync(gateway, "/v1/usage")).GetProperty("data").EnumerateArray()).GetProperty("day").ValueKind);
        Assert.Empty((await GetAsync(gateway, "/v1/usage?to=2020-01-01")).GetProperty("data").EnumerateArray());
        Assert.Single((await GetAsync(gateway, "/v1/usage?from=2020-01-01T00:00:00Z")).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task Jobs_are_listed_newest_first_page_by_page()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        string[] jobs = [await ChatAsync(gateway), await ChatAsync(gateway), await ChatAsync(gateway)];

        var first = await GetAsync(gateway, "/v1/jobs?limit=2");
        Assert.Equal([jobs[2], jobs[1]], Ids(first));
        Assert.True(first.GetProperty("has_more").GetBoolean());
        var second = await GetAsync(gateway, $"/v1/jobs?limit=2&after={first.GetProperty("last_id").GetString()}");
        Assert.Equal([jobs[0]], Ids(second));
        Assert.False(second.GetProperty("has_more").GetBoolean());
    }

    [Fact]
    public async Task A_generation_is_found_by_its_job_and_by_its_hold()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var job = await ChatAsync(gateway);
        var record = await gateway.App.Ledger.Jobs.FindAsync(new JobId(job), gateway.Namespace, Cancellation);

        foreach (var id in new[] { job, record!.Hold.Value, record.Settlement!.Value.Value })
        {
            var data = (await GetAsync(gateway, $"/v1/generation?id={id}")).GetProperty("data");
            Assert.Equal(job, data.GetProperty("id").GetString());
            Assert.Equal("stop", data.GetProperty("finish_reason").GetString());
            Assert.Equal(record.Charge.Micro / 1_000_000m, data.GetProperty("total_cost").GetDecimal());
        }
    }

    [Fact]
    public async Task Another_namespace_sees_nothing_of_it()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var job = await ChatAsync(gateway);
        var other = await gateway.App.Ledger.Keys.CreateNamespaceAsync(gateway.Account, "other", Cancellation);
        var stranger = (await gateway.App.Ledger.Keys.CreateKeyAsync(other, "stranger", KeyKind.Client, Cancellation)).Secret;

        Assert.Equal(0m, (await GetAsync(gateway, "/v1/credits", stranger)).GetProperty("data").GetProperty("total_credits").GetDecimal());
        Assert.Equal(0m, (await GetAsync(gateway, "/v1/key", stranger)).GetProperty("data").GetProperty("usage").GetDecimal());
        Assert.Empty((await GetAsync(gateway, "/v1/usage", stranger)).GetProperty("data").EnumerateArray());
        Assert.Empty(Ids(await GetAsync(gateway, "/v1/jobs", stranger)));
        foreach (var path in new[] { $"/v1/generation?id={job}", $"/v1/jobs?after={job}" })
        {
            using var refused = await gateway.GetAsync(path, stranger);
            Assert.Equal(404, (int)refused.StatusCode);
        }
    }

    [Theory]
    [InlineData("/v1/jobs?limit=0", 400)]
    [InlineData("/v1/jobs?limit=101", 400)]
    [InlineData("/v1/jobs?limit=-1", 400)]
    [InlineData("/v1/jobs?limit=1e1", 400)]
    [InlineData("/v1/jobs?after=<script>", 404)]
    [InlineData("/v1/usage?group_by=namespace", 400)]
    [InlineData("/v1/usage?from=yesterday", 400)]
    [InlineData("/v1/usage?to=2026-13-01", 400)]
    [InlineData("/v1/generation", 400)]
    [InlineData("/v1/generation?id=' OR 1--", 404)]
    public async Task A_bad_query_is_told_in_the_envelope(string path, int status)
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var response = await gateway.GetAsync(path);

        Assert.Equal(status, (await GatewayFixture.ErrorAsync(response)).Status);
    }

    private static string[] Ids(JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(job => job.GetProperty("id").GetString()!)];

    private static async Task<string> ChatAsync(GatewayFixture gateway)
    {
        using var response = await gateway.ChatAsync();
        Assert.Equal(200, (int)response.StatusCode);
        return response.Headers.GetValues("x-flotilla-job-id").Single();
    }

    private static async Task<JsonElement> GetAsync(GatewayFixture gateway, string path, string? key = null)
    {
        using var response = await gateway.GetAsync(path, key);
        Assert.Equal(200, (int)response.StatusCode);
        return await GatewayFixture.JsonAsync(response);
    }
}
