using System.Text.Json;
using Flotilla.Cli.Settings;
using Xunit;

namespace Flotilla.Cli.Tests;

public sealed class AdminCommandTests : IDisposable
{
    private readonly CliRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task A_listing_is_a_table_for_people_and_the_gateways_JSON_for_programs()
    {
        const string rows = """{"data":[{"id":"key_1","kind":"client","name":"app","namespace":"ns_1","created_at":"2026-01-02T03:04:05Z","revoked_at":null}]}""";
        await using var gateway = await ScriptedGateway.StartAsync(new Dictionary<string, string> { ["GET /admin/v1/keys"] = rows });
        Save(gateway);
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("keys"));
        Assert.Contains("key_1", _run.Out, StringComparison.Ordinal);
        Assert.Contains("2026-01-02 03:04:05", _run.Out, StringComparison.Ordinal);
        Assert.Equal("Bearer ak-flt-1", gateway.Requests[0].Key);

        using CliRun asJson = new();
        new Credentials(gateway.Url + "/v1", "sk-flt-1", "ak-flt-1").Save(asJson.Folder);
        Assert.Equal(ExitCode.Ok, await asJson.RunAsync("keys", "list", "--json"));
        Assert.Equal(rows + "\n", asJson.Out);
    }

    [Fact]
    public async Task A_new_keys_secret_is_all_that_goes_to_stdout()
    {
        await using var gateway = await ScriptedGateway.StartAsync(new Dictionary<string, string> { ["POST /admin/v1/keys"] = """201 {"id":"key_9","secret":"sk-flt-new","namespace":"ns_1"}""" });
        Save(gateway);
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("keys", "create", "--name", "app", "--namespace", "team"));
        Assert.Equal("sk-flt-new\n", _run.Out);
        var body = JsonElement.Parse(gateway.Requests[0].Body);
        Assert.Equal(("app", "team"), (body.GetProperty("name").GetString(), body.GetProperty("namespace").GetString()));
    }

    [Fact]
    public async Task A_keys_limits_are_given_at_its_making_and_replaced_later()
    {
        await using var gateway = await ScriptedGateway.StartAsync(new Dictionary<string, string>
        {
            ["POST /admin/v1/keys"] = """201 {"id":"key_9","secret":"sk-flt-new","namespace":"ns_1"}""",
            ["PUT /admin/v1/keys/key_9/limits"] = """{"data":[{"id":"key_9","concurrency":0}]}""",
            ["GET /admin/v1/keys"] = """{"data":[{"id":"key_9","kind":"client","name":"app","namespace":"ns_1","created_at":"2026-01-02T03:04:05Z","revoked_at":null,"requests_per_minute":61,"tokens_per_minute":null,"concurrency":0}]}""",
        });
        Save(gateway);
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("keys", "create", "--requests-per-minute", "61", "--tokens-per-minute", "5000"));
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("keys", "limit", "key_9", "--concurrency", "0"));
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("keys"));

        var made = JsonElement.Parse(gateway.Requests[0].Body);
        Assert.Equal((61, 5000, false), (made.GetProperty("requests_per_minute").GetInt32(), made.GetProperty("tokens_per_minute").GetInt32(), made.TryGetProperty("concurrency", out _)));
        Assert.Equal("""{"concurrency":0}""", gateway.Requests[1].Body);
        Assert.Contains("Requests/min", _run.Out, StringComparison.Ordinal);
        Assert.Contains("61", _run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credits_are_added_under_an_id_that_makes_a_repeat_harmless()
    {
        await using var gateway = await ScriptedGateway.StartAsync(new Dictionary<string, string> { ["POST /admin/v1/credits"] = """{"data":[{"name":"default","available":"512.5"}]}""" });
        Save(gateway);
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("credits", "add", "12.50"));
        Assert.Contains("Added 12.5 credits to default; 512.5 available.", _run.Out, StringComparison.Ordinal);
        var body = JsonElement.Parse(gateway.Requests[0].Body);
        Assert.Equal("12.5", body.GetProperty("credits").GetString());
        Assert.Matches("^tx_[0-9a-f]{32}$", body.GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_nodes_own_words_cannot_steer_the_terminal()
    {
        await using var gateway = await ScriptedGateway.StartAsync(new Dictionary<string, string>
        {
            ["GET /admin/v1/nodes"] = """{"data":[{"id":"node_1","name":"a\u001b[2Jb\u202ec","status":"online","models":[{"name":"m","admitted":false,"reason":"it\r\nfailed"}],"running":0,"slots":16,"region":"","earned":"0"}]}""",
        });
        Save(gateway);
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("nodes"));
        Assert.Contains("a[2Jbc", _run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', _run.Out);
        Assert.DoesNotContain('\r', _run.Out);
    }

    [Fact]
    public async Task The_keys_of_the_file_go_to_the_gateway_of_the_file_only()
    {
        await using var stranger = await ScriptedGateway.StartAsync(new Dictionary<string, string>());
        new Credentials("http://127.0.0.1:9/v1", "sk-flt-1", "ak-flt-1").Save(_run.Folder);
        Assert.Equal(ExitCode.Usage, await _run.RunAsync("keys", "--gateway", stranger.Url));
        Assert.Empty(stranger.Requests);
        Assert.Contains("--admin-key", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_shows_the_gateways_message_and_what_to_do()
    {
        await using var gateway = await ScriptedGateway.StartAsync(new Dictionary<string, string>
        {
            ["GET /admin/v1/models"] = """401 {"error":{"message":"This key is not known.","type":"authentication_error","param":null,"code":"invalid_api_key"}}""",
        });
        Save(gateway);
        Assert.Equal(ExitCode.Failed, await _run.RunAsync("models"));
        Assert.Contains("(401): This key is not known.", _run.Error, StringComparison.Ordinal);
        Assert.Contains("flotilla keys", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_that_is_no_gateway_is_named_as_such()
    {
        await using var stranger = await ScriptedGateway.StartAsync(new Dictionary<string, string> { ["GET /admin/v1/models"] = "<html>" });
        Save(stranger);
        Assert.Equal(ExitCode.Failed, await _run.RunAsync("models"));
        Assert.Contains("is it a Flotilla gateway?", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invitation_prints_the_token_and_the_command_for_the_other_machine()
    {
        await using var gateway = await ScriptedGateway.StartAsync(new Dictionary<string, string>
        {
            ["POST /admin/v1/join-tokens"] = """201 {"token":"jt-flt-1","operator":"acct_1","expires_at":"2026-01-02T03:04:05Z"}""",
        });
        Save(gateway);
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("nodes", "invite", "--minutes", "5"));
        Assert.Equal("jt-flt-1\n", _run.Out);
        Assert.Contains("--token jt-flt-1", _run.Error, StringComparison.Ordinal);
        Assert.Equal(5, JsonElement.Parse(gateway.Requests[0].Body).GetProperty("minutes").GetInt32());
    }

    [Fact]
    public async Task Usage_is_added_up_by_what_was_asked_for()
    {
        await using var gateway = await ScriptedGateway.StartAsync(new Dictionary<string, string>
        {
            ["GET /admin/v1/usage?group_by=model,day&model=a%2Fb"] = """{"data":[{"model":"a/b","day":"2026-01-02","jobs":3,"prompt_tokens":1,"cached_tokens":0,"completion_tokens":2,"charge":"0.01"}]}""",
        });
        Save(gateway);
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("usage", "--by", "model,day", "--model", "a/b"));
        Assert.Contains("2026-01-02", _run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Namespace", _run.Out, StringComparison.Ordinal);
    }

    private void Save(ScriptedGateway gateway) => new Credentials(gateway.Url + "/v1", "sk-flt-1", "ak-flt-1").Save(_run.Folder);
}
