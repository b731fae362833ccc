using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.Gateway.OpenApi;
using Flotilla.Protocol.OpenAI;
using Flotilla.Testing.Api;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>The OpenAPI document says what is there; that answers are what it says, <see cref="ContractTests"/> and every other test of the gateway hold.</summary>
public sealed class ApiDocumentTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_operation_of_the_document_is_a_route_and_its_references_lead_somewhere()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var document = await DocumentAsync(gateway);

        var paths = document.GetProperty("paths").EnumerateObject().ToArray();
        Assert.Contains(paths, path => path.Name == "/v1/chat/completions");
        Assert.Contains(paths, path => path.Name == "/v1/models/{model}");
        Assert.DoesNotContain(paths, path => path.Name.Contains("assistants", StringComparison.Ordinal) || path.Name.StartsWith("/admin", StringComparison.Ordinal));
        foreach (var path in paths)
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                using var response = await gateway.SendAsync(
                    new HttpMethod(operation.Name.ToUpperInvariant()), path.Name.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal), null, "sk-flt-wrong");
                Assert.True((int)response.StatusCode is not 405 and not 501, $"{operation.Name} {path.Name}: {response.StatusCode}");
                Assert.DoesNotContain("Invalid URL", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
            }
        }

        var schemas = document.GetProperty("components").GetProperty("schemas");
        Assert.All(References(document), name => Assert.True(schemas.TryGetProperty(name, out _), name));
    }

    [Fact]
    public async Task The_page_is_there_without_a_key_and_brings_its_scripts()
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var page = await gateway.Http.GetAsync(new Uri("/docs/index.html", UriKind.Relative), Cancellation);
        using var script = await gateway.Http.GetAsync(new Uri("/docs/swagger-ui-bundle.js", UriKind.Relative), Cancellation);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.DoesNotContain("https://", await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, script.StatusCode);
    }

    [Fact]
    public async Task Limits_that_schemas_name_are_the_readers_own()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var document = await DocumentAsync(gateway);
        var chat = SchemaCheck.Named(document, "ChatRequest").GetProperty("properties");

        Assert.Equal(OpenAiLimits.ChoicesTotalMax, chat.GetProperty("n").GetProperty("maximum").GetInt32());
        Assert.Equal(OpenAiLimits.StopMax, chat.GetProperty("stop").GetProperty("anyOf")[1].GetProperty("maxItems").GetInt32());
        Assert.Throws<KeyNotFoundException>(() => NamedLimits.Fill(JsonNode.Parse("""{"maximum":"OpenAiLimits.NoSuchLimit"}""")));
    }

    [Theory]
    [InlineData("""{"error":{"message":"m","type":"t","param":null}}""", "code")]
    [InlineData("""{"error":{"message":7,"type":"t","param":null,"code":null}}""", "message")]
    [InlineData("""{"error":{"message":"m","type":"t","param":null,"code":null,"colour":"red"}}""", "colour")]
    [InlineData("""{"error":{"message":"m","type":"t","param":null,"code":null,"retry_after":0}}""", "retry_after")]
    [InlineData("""{"error":{"message":"m","type":"t","param":null,"code":null,"availability":{"constraint":"weather"}}}""", "constraint")]
    [InlineData("[]", "$")]
    public async Task A_body_that_does_not_fit_its_schema_is_found(string body, string at)
    {
        await using var gateway = await GatewayFixture.StartAsync();

        Assert.Contains(at, (await gateway.ContractAsync()).Fault("Error", JsonElement.Parse(body)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_schemas_the_nearest_tells_what_is_wrong()
    {
        await using var gateway = await GatewayFixture.StartAsync();

        var fault = (await gateway.ContractAsync()).Fault("MessageEvent", JsonElement.Parse("""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":7}}"""));

        Assert.Contains("$.delta.text", fault, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> DocumentAsync(GatewayFixture gateway)
    {
        using var response = await gateway.Http.GetAsync(new Uri("/openapi.json", UriKind.Relative), Cancellation);
        return await GatewayFixture.JsonAsync(response);
    }

    private static IEnumerable<string> References(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(p => p.NameEquals("$ref") ? [p.Value.GetString()!.Split('/')[^1]] : References(p.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
