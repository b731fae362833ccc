using System.Net;
using System.Text.Json;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>The OpenAPI document says what is there, and real answers are what its schemas say.</summary>
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
    public async Task Answers_of_several_models_are_what_the_schemas_say()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        var document = await DocumentAsync(fleet.Gateway);
        fleet["b"].Script = Scripts.Throw(new InvalidOperationException("a bug"));
        foreach (var model in new[] { "a", "a+b", "a+b+none" })
        {
            using var answer = await fleet.AskAsync("", model);
            await CheckAsync(document, model.Contains("none", StringComparison.Ordinal) ? "Error" : "ChatCompletion", answer);
        }

        foreach (var chunk in await fleet.ChunksAsync("\"models\":[\"a\",\"b\"],\"strategy\":\"all\",\"stream_options\":{\"include_usage\":true}"))
            Assert.Null(SchemaCheck.Fault(document, "ChatCompletionChunk", chunk));
        await CheckAsync(document, "Completion", await fleet.Gateway.PostAsync("/v1/completions", """{"model":"a+b","prompt":"hi"}"""));
    }

    [Fact]
    public async Task Answers_and_errors_are_what_the_schemas_say()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        await gateway.AddNodeAsync(Counter());
        var document = await DocumentAsync(gateway);
        using var chat = await gateway.ChatAsync();
        var job = chat.Headers.GetValues("x-flotilla-job-id").Single();
        await CheckAsync(document, "ChatCompletion", chat);
        await CheckAsync(document, "Completion", await gateway.PostAsync("/v1/completions", """{"model":"scripted","prompt":"hi"}"""));
        await CheckAsync(document, "Response", await gateway.PostAsync("/v1/responses", """{"model":"scripted","input":"hi"}"""));
        foreach (var (schema, path, body) in new[]
        {
            ("MessagesCount", "/v1/messages/count_tokens", """{"model":"counter","messages":[{"role":"user","content":"hi"}]}"""), ("ResponsesCount", "/v1/responses/input_tokens", """{"model":"counter","input":"hi"}"""),
        })
            await CheckAsync(document, schema, await gateway.PostAsync(path, body));
        await CheckAsync(document, "Message", await gateway.PostAsync("/v1/messages", """{"model":"scripted","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"""));
        foreach (var (schema, path) in new[]
        {
            ("ModelList", "/v1/models"), ("Model", "/v1/models/scripted"), ("JobList", "/v1/jobs"), ("Job", $"/v1/jobs/{job}"), ("Receipt", $"/v1/receipts/{job}"), ("Catalog", "/v1/catalog"),
            ("Generation", $"/v1/generation?id={job}"), ("CreditsAnswer", "/v1/credits"), ("KeyAnswer", "/v1/key"), ("UsageList", "/v1/usage?group_by=day"),
            ("Error", "/v1/nothing"), ("Error", "/v1/assistants"), ("Error", "/v1/models/none"),
        })
            await CheckAsync(document, schema, await gateway.GetAsync(path));
        await CheckAsync(document, "Error", await gateway.ChatAsync("\"n\":0"));
        await CheckAsync(document, "Error", await gateway.ChatAsync(model: "none"));

        using var stream = await gateway.ChatAsync("\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        foreach (var line in (await stream.Content.ReadAsStringAsync(Cancellation)).Split('\n').Where(l => l.StartsWith("data: {", StringComparison.Ordinal)))
        {
            using var chunk = JsonDocument.Parse(line[6..]);
            Assert.Null(SchemaCheck.Fault(document, "ChatCompletionChunk", chunk.RootElement));
        }
    }

    [Theory]
    [InlineData("""{"error":{"message":"m","type":"t","param":null}}""", "code")]
    [InlineData("""{"error":{"message":7,"type":"t","param":null,"code":null}}""", "message")]
    [InlineData("""{"error":{"message":"m","type":"t","param":null,"code":null,"availability":{"constraint":"weather"}}}""", "constraint")]
    [InlineData("[]", "$")]
    public async Task A_body_that_does_not_fit_its_schema_is_found(string body, string at)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        using var wrong = JsonDocument.Parse(body);

        Assert.Contains(at, SchemaCheck.Fault(await DocumentAsync(gateway), "Error", wrong.RootElement), StringComparison.Ordinal);
    }

    private static ScriptedRuntime Counter()
    {
        var offer = ScriptedRuntime.Offer("counter");
        offer.Capabilities.Clear();
        offer.Capabilities.Add(Capability.CountTokens);
        return new ScriptedRuntime
        {
            State = new RuntimeState([offer]),
            Script = Scripts.Events(new Usage { PromptTokens = 3 }, new Event { ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } }),
        };
    }

    private static async Task CheckAsync(JsonElement document, string schema, HttpResponseMessage response)
    {
        using (response)
        {
            var fault = SchemaCheck.Fault(document, schema, await GatewayFixture.JsonAsync(response));
            Assert.True(fault is null, $"{response.RequestMessage!.RequestUri!.PathAndQuery}: {schema}: {fault}");
        }
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
