using System.Text.Json;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Testing.Api;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Admin;

/// <summary>The admin API answers what its document says; that every other test's answers do too, the fixture sees to.</summary>
public sealed class AdminContractTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_answer_that_the_document_has_was_given_and_fits()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var node = await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using (var chat = await gateway.ChatAsync())
            await chat.Content.ReadAsStringAsync(Ct);
        var contract = await gateway.AdminContractAsync();

        await SentAsync(gateway, "POST", "namespaces", """{"name":"second"}""");
        var key = (await SentAsync(gateway, "POST", "keys", """{"name":"app","requests_per_minute":5}""")).GetProperty("id").GetString();
        await SentAsync(gateway, "POST", "keys", """{"admin":true}""");
        await SentAsync(gateway, "PUT", $"keys/{key}/limits", """{"concurrency":2}""");
        await SentAsync(gateway, "POST", "credits", """{"credits":"2.5"}""");
        await SentAsync(gateway, "POST", "join-tokens", """{"minutes":5}""");
        await SentAsync(gateway, "PUT", "prices", """{"model":"scripted","input":"1","cached_input":"0.5","output":"2","node_share_percent":"70.5"}""");
        foreach (var path in new[] { "namespaces", "keys", "nodes", "models", "prices", "usage", "usage?group_by=namespace,key,model,day", "audit" })
            await SentAsync(gateway, "GET", path);
        await SentAsync(gateway, "DELETE", $"keys/{key}");
        await SentAsync(gateway, "GET", "keys");
        await SentAsync(gateway, "DELETE", $"nodes/{node.Id.Value}");
        await SentAsync(gateway, "GET", "nodes");

        Assert.Empty(contract.Answers.Except(gateway.Answered));
    }

    [Fact]
    public async Task Every_operation_refuses_in_the_envelope()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var contract = await gateway.AdminContractAsync();
        Assert.Equal(15, contract.Operations.Count());
        foreach (var (name, _) in contract.Operations)
        {
            var (method, path) = (new HttpMethod(name.Split(' ')[0]), name.Split(' ')[1].Replace("{id}", "none", StringComparison.Ordinal));
            using var stranger = await gateway.SendAsync(method, path, null, "ak-flt-wrong");
            Assert.Equal(401, (await GatewayFixture.ErrorAsync(stranger)).Status);
            using var client = await gateway.SendAsync(method, path, null, gateway.ApiKey);
            Assert.Equal(403, (await GatewayFixture.ErrorAsync(client)).Status);
        }
    }

    [Fact]
    public async Task The_public_document_has_nothing_of_it_and_its_references_lead_somewhere()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var (open, admin) = ((await gateway.ContractAsync()).Document, (await gateway.AdminContractAsync()).Document);
        Assert.DoesNotContain("Admin", string.Join(' ', open.GetProperty("components").GetProperty("schemas").EnumerateObject().Select(s => s.Name)), StringComparison.Ordinal);
        Assert.All(admin.GetProperty("paths").EnumerateObject(), path => Assert.StartsWith("/admin/v1/", path.Name, StringComparison.Ordinal));
        Assert.All(References(admin), name => Assert.Equal(JsonValueKind.Object, SchemaCheck.Named(admin, name).ValueKind));
        // An answer with a member more, or one less, would be found.
        Assert.NotNull((await gateway.AdminContractAsync()).Fault("AdminAudit", JsonElement.Parse("""{"ok":true,"transfers":1,"violations":[],"more":1}""")));
        Assert.NotNull((await gateway.AdminContractAsync()).Fault("AdminAudit", JsonElement.Parse("""{"ok":true,"transfers":1}""")));
    }

    private static async Task<JsonElement> SentAsync(GatewayFixture gateway, string method, string path, string? body = null)
    {
        using var response = await gateway.SendAsync(new HttpMethod(method), "/admin/v1/" + path, body, gateway.AdminKey);
        var text = await response.Content.ReadAsStringAsync(Ct);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {text}");
        return text.Length > 0 ? JsonElement.Parse(text) : default;
    }

    private static IEnumerable<string> References(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(p => p.NameEquals("$ref") ? [p.Value.GetString()!.Split('/')[^1]] : References(p.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
