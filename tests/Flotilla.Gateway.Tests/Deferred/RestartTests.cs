using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Dapper;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Testing.Nodes;
using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.Tests.Deferred;

/// <summary>What becomes of deferred requests when their gateway goes and comes back.</summary>
public sealed class RestartTests
{
    private const long OneCall = (7 * 10) + (4 * 40);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_waited_is_served_after_a_restart()
    {
        await using var gateway = await GatewayFixture.StartAsync(
            configure: o => o with { Aliases = new Dictionary<string, string> { ["soon"] = GatewayFixture.Model } });
        var id = await DeferAsync(gateway, GatewayFixture.Chat());
        // Larger than a row takes: its body is a file.
        var large = await DeferAsync(gateway, GatewayFixture.Chat($"\"user\":\"{new string('u', 200)}\"") + new string(' ', 100_000));

        await gateway.RestartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        Assert.Equal("completed", (await StateAsync(gateway, id)).GetProperty("status").GetString());
        Assert.Equal("completed", (await StateAsync(gateway, large)).GetProperty("status").GetString());
        Assert.Equal((1000 * 1_000_000) - (2 * OneCall), gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task A_request_of_several_models_is_served_after_a_restart()
    {
        await using var gateway = await GatewayFixture.StartAsync(
            configure: o => o with { Aliases = new Dictionary<string, string> { ["soon"] = "a", ["later"] = "b" } });
        var id = await DeferAsync(gateway, GatewayFixture.Chat(model: "a+b"));
        var batch = await Batches.BatchTests.CreateAsync(gateway, Batches.BatchTests.Line("c").Replace(GatewayFixture.Model, "a+b", StringComparison.Ordinal));

        await gateway.RestartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime("a"));
        await gateway.AddNodeAsync(new ScriptedRuntime("b"));

        Assert.Equal("completed", (await StateAsync(gateway, id)).GetProperty("status").GetString());
        var done = await Batches.BatchTests.WhenOverAsync(gateway, batch).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.Equal(1, done.GetProperty("request_counts").GetProperty("completed").GetInt32());
    }

    [Fact]
    public async Task A_body_that_was_read_is_closed()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("The open files of a process are looked up in /proc.");
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var id = await DeferAsync(gateway, GatewayFixture.Chat() + new string(' ', 100_000));
        Assert.Equal("completed", (await StateAsync(gateway, id)).GetProperty("status").GetString());

        var bodies = Path.Combine(gateway.Folder, "bodies");
        Assert.DoesNotContain(Directory.GetFiles("/proc/self/fd").Select(f => new FileInfo(f).LinkTarget), target => target?.StartsWith(bodies, StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_run_that_was_charged_before_a_crash_is_repeated_at_no_charge()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var id = await DeferAsync(gateway, GatewayFixture.Chat());
        var first = (await StateAsync(gateway, id)).GetProperty("job_id").GetString()!;

        await gateway.RestartAsync(folder => Forget(folder, id));
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var state = await StateAsync(gateway, id);

        Assert.Equal("completed", state.GetProperty("status").GetString());
        Assert.NotEqual(first, state.GetProperty("job_id").GetString());
        Assert.Equal((1000 * 1_000_000) - OneCall, gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task A_request_that_ends_its_gateway_again_and_again_is_given_up()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var id = await DeferAsync(gateway, GatewayFixture.Chat());
        await StateAsync(gateway, id);
        for (var i = 1; i < GatewayLimits.DeferredRunsMax; i++)
        {
            await gateway.RestartAsync(folder => Forget(folder, id));
            await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
            Assert.Equal("completed", (await StateAsync(gateway, id)).GetProperty("status").GetString());
        }

        await gateway.RestartAsync(folder => Forget(folder, id));
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var state = await StateAsync(gateway, id);

        Assert.Equal("failed", state.GetProperty("status").GetString());
        Assert.Equal("internal_error", state.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal((1000 * 1_000_000) - OneCall, gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task A_revoked_key_pays_for_nothing_more()
    {
        await using var gateway = await GatewayFixture.StartAsync(
            configure: o => o with { Aliases = new Dictionary<string, string> { ["soon"] = GatewayFixture.Model } });
        var asked = gateway.App.Ledger.Keys.List(gateway.Namespace).Single();
        var second = (await gateway.App.Ledger.Keys.CreateKeyAsync(gateway.Namespace, "second", Flotilla.Ledger.KeyKind.Client, Cancellation)).Secret;
        var id = await DeferAsync(gateway, GatewayFixture.Chat());
        await gateway.App.Ledger.Keys.RevokeAsync(asked.Id, Cancellation);
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.GetAsync($"/v1/requests/{id}/result?wait=30", second);

        Assert.Equal("invalid_api_key", (await GatewayFixture.ErrorAsync(response)).Code);
        Assert.Equal(1000 * 1_000_000, gateway.Balance.Available.Micro);
    }

    /// <summary>As a crash between the settlement and the stored answer leaves it.</summary>
    internal static void Forget(string folder, string id)
    {
        using var state = new SqliteConnection($"Data Source={Path.Combine(folder, "state.db")};Pooling=False");
        state.Open();
        var headers = state.ExecuteScalar<string>("SELECT answer_headers FROM request WHERE id = @id", new { id })!;
        using var document = JsonDocument.Parse(headers);
        var job = document.RootElement.GetProperty("x-flotilla-job-id")[0].GetString();
        state.Execute("UPDATE request SET status = 1, finished_ms = NULL, http_status = NULL, answer_headers = NULL, answer = NULL, job_id = @job WHERE id = @id", new { id, job });
    }

    private static async Task<string> DeferAsync(GatewayFixture gateway, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        request.Headers.Add("Prefer", "respond-async");
        using var response = await gateway.Http.SendAsync(request, Cancellation);
        return (await GatewayFixture.JsonAsync(response)).GetProperty("id").GetString()!;
    }

    private static async Task<JsonElement> StateAsync(GatewayFixture gateway, string id)
    {
        using var response = await gateway.GetAsync($"/v1/requests/{id}?wait=30");
        return await GatewayFixture.JsonAsync(response);
    }
}
