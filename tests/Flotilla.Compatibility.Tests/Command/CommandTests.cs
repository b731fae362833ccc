using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Flotilla.Compatibility.Tests.Running;
using Xunit;

namespace Flotilla.Compatibility.Tests.Command;

/// <summary>The admin commands and the chat against a gateway that runs.</summary>
public sealed class CommandTests(UpFleet fleet)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_made_listed_used_and_revoked()
    {
        var secret = (await OkAsync("keys", "create", "--name", "command test")).Trim();
        Assert.StartsWith("sk-flt-", secret, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await AskWithAsync(secret));
        var listed = JsonElement.Parse(await OkAsync("keys", "list", "--json"));
        var id = listed.GetProperty("data").EnumerateArray().Single(key => key.GetProperty("name").GetString() == "command test").GetProperty("id").GetString()!;
        Assert.DoesNotContain(secret, listed.GetRawText(), StringComparison.Ordinal);
        await OkAsync("keys", "revoke", id);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskWithAsync(secret));
        var (code, _, error) = await RunAsync("keys", "revoke", id);
        Assert.Equal(1, code);
        Assert.Contains(id, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credits_are_shown_and_added()
    {
        using var made = await fleet.Admin.PostAsJsonAsync("namespaces", new { name = "funded" }, Token);
        Assert.True(made.IsSuccessStatusCode);
        Assert.Contains("12.5 available", await OkAsync("credits", "add", "12.5", "--namespace", "funded", "--reason", "test"), StringComparison.Ordinal);
        Assert.Matches(@"funded\s+\S+\s+12\.5\s+0\s+12\.5", await OkAsync("credits"));
    }

    [Fact]
    public async Task The_node_of_up_is_online_with_its_model_and_price()
    {
        var nodes = await OkAsync("nodes");
        Assert.True(Regex.IsMatch(nodes, $@"node_[0-9a-f]{{32}}\s+.*online\s+.*{fleet.Model}"), nodes);
        var models = JsonElement.Parse(await OkAsync("models", "--json")).GetProperty("data");
        Assert.Equal(1, models.EnumerateArray().Single(model => model.GetProperty("name").GetString() == fleet.Model).GetProperty("nodes").GetInt32());
    }

    [Fact]
    public async Task A_chat_in_a_pipe_is_answered_metered_and_charged()
    {
        var before = await JobsAsync();
        var (code, output, error) = await FlotillaProcess.RunAsync(["chat", "--temperature", "0", "--data", fleet.DataFolder], Token, input: "What is Flotilla?\n");
        Assert.True(code == 0, error);
        Assert.NotEqual("", output.Trim());
        Assert.True(await JobsAsync() > before);
        Assert.Contains(fleet.Model, await OkAsync("usage", "--by", "model"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receipt_is_verified_offline_and_a_changed_one_is_not()
    {
        using var response = await fleet.Http.PostAsJsonAsync("chat/completions", new { model = fleet.Model, messages = new[] { new { role = "user", content = "What is Flotilla?" } }, max_tokens = 8 }, Token);
        var job = Assert.Single(response.Headers.GetValues("x-flotilla-job-id"));
        var receipt = await fleet.Http.GetStringAsync($"receipts/{job}", Token);
        using TemporaryFolder folder = new();
        var file = Path.Combine(folder.Path, "receipt.json");
        await File.WriteAllTextAsync(file, receipt, Token);
        Assert.Contains("The receipt holds.", await OkAsync("verify", file), StringComparison.Ordinal);

        var charge = JsonElement.Parse(receipt).GetProperty("receipt").GetProperty("charge").GetRawText();
        await File.WriteAllTextAsync(file, receipt.Replace($"\"charge\":{charge}", $"\"charge\":{charge}0", StringComparison.Ordinal), Token);
        var (code, output, _) = await RunAsync("verify", file);
        Assert.Equal(4, code);
        Assert.Contains("FAILED", output, StringComparison.Ordinal);
    }

    private async Task<long> JobsAsync() =>
        JsonElement.Parse(await OkAsync("usage", "--by", "namespace", "--json")).GetProperty("data").EnumerateArray().Sum(row => row.GetProperty("jobs").GetInt64());

    private async Task<HttpStatusCode> AskWithAsync(string key)
    {
        using var client = fleet.ClientWith(key);
        using var response = await client.GetAsync("models", Token);
        return response.StatusCode;
    }

    private async Task<string> OkAsync(params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.True(code == 0, $"exit code {code}: {error}");
        return output;
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => FlotillaProcess.RunAsync([.. arguments, "--data", fleet.DataFolder], Token);
}
