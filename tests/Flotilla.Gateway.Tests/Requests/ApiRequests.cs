using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.Testing.Api;
using Flotilla.Testing;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Makes requests out of what the document says of an operation: its example, changed as a test wishes.</summary>
internal sealed class ApiRequests(ApiContract contract, string name, JsonElement operation)
{
    private const string Json = "application/json";
    private const string Form = "multipart/form-data";

    /// <summary>Every operation that takes a body.</summary>
    public static IEnumerable<ApiRequests> All(ApiContract contract) =>
        contract.Operations.Where(one => one.Operation.TryGetProperty("requestBody", out _)).Select(one => new ApiRequests(contract, one.Name, one.Operation));

    /// <summary>The operation, such as <c>POST /v1/files</c>.</summary>
    public string Name => name;

    /// <summary>The path.</summary>
    public string Path => name.Split(' ')[1];

    /// <summary>Whether its body is a form.</summary>
    public bool IsForm => Body.TryGetProperty(Form, out _);

    /// <summary>The body's schema.</summary>
    public JsonElement Schema => SchemaCheck.Named(contract.Document, Body.GetProperty(IsForm ? Form : Json).GetProperty("schema").GetProperty("$ref").GetString()!.Split('/')[^1]);

    /// <summary>Its fields.</summary>
    public IEnumerable<JsonProperty> Fields => Schema.GetProperty("properties").EnumerateObject();

    /// <summary>Whether it makes jobs, and its answer may be asked for later.</summary>
    public bool IsInference => operation.GetProperty("responses").TryGetProperty("202", out _);

    /// <summary>Whether its answer may come as events.</summary>
    public bool Streams => operation.GetProperty("responses").GetProperty("200").GetProperty("content").TryGetProperty("text/event-stream", out _);

    private JsonElement Body => operation.GetProperty("requestBody").GetProperty("content");

    /// <summary>The document's example, for the scripted model.</summary>
    public JsonObject Example()
    {
        Assert.True(Schema.TryGetProperty("examples", out var examples), $"The schema of what {Name} reads has no 'examples': give it one that is served, and a file of src/Flotilla.Gateway/OpenApi/Schemas of its own.");
        var example = JsonNode.Parse(examples[0].GetRawText())!.AsObject();
        if (example.ContainsKey("model"))
            example["model"] = GatewayFixture.Model;
        if (example["requests"] is JsonArray lines)
            lines[0]!["body"]!["model"] = GatewayFixture.Model;
        return example;
    }

    /// <summary>The body of a request.</summary>
    public HttpContent Content(JsonObject body) => IsForm ? FormOf(body) : new StringContent(body.ToJsonString(), Encoding.UTF8, Json);

    /// <summary>Posts a body.</summary>
    public async Task<HttpResponseMessage> PostAsync(GatewayFixture gateway, HttpContent content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        foreach (var (header, value) in headers)
            request.Headers.TryAddWithoutValidation(header, value);
        return await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private MultipartFormDataContent FormOf(JsonObject body)
    {
        var form = new MultipartFormDataContent();
        var required = Schema.GetProperty("required").EnumerateArray().Select(field => field.GetString()).ToArray();
        foreach (var field in Fields.Where(field => IsFile(field.Value) && required.Contains(field.Name)))
            form.Add(new ByteArrayContent(field.Name == "image" ? Pictures.Png(256, 256) : "a file"u8.ToArray()), field.Name, field.Name + ".bin");
        foreach (var (field, value) in body)
        {
            if (value is JsonArray several)
            {
                foreach (var one in several)
                    form.Add(new StringContent(Text(one)), field + "[]");
            }
            else
            {
                form.Add(new StringContent(Text(value)), field);
            }
        }

        return form;
    }

    private static bool IsFile(JsonElement schema) =>
        schema.TryGetProperty("format", out var format) ? format.ValueEquals("binary") : schema.TryGetProperty("items", out var items) && items.TryGetProperty("format", out _);

    private static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonValue one when one.GetValueKind() == JsonValueKind.String => one.GetValue<string>(),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value.ToJsonString()}"),
    };
}
