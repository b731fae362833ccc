using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flotilla.Compatibility.Tests.Running;

/// <summary>
/// Another OpenAI-compatible server, for a node to serve: offered a tool, it calls it; given a result, it answers; asked for a
/// schema, it names a city in JSON; else it greets. A second model orders documents by the words that they share with a query, and
/// takes "kill" for violence.
/// What the SDKs make of tool calls does not depend on a model's mood then.
/// </summary>
public sealed class ToolServer : IAsyncDisposable
{
    /// <summary>The model that it offers.</summary>
    public const string Model = "scripted";

    /// <summary>The model that orders documents and classifies texts.</summary>
    public const string Reader = "scripted-reader";

    private readonly WebApplication _app;

    private ToolServer(WebApplication app) => _app = app;

    /// <summary>What a node takes as its upstream.</summary>
    public string BaseUrl => _app.Urls.First() + "/v1";

    /// <summary>Starts one on a free port.</summary>
    public static async Task<ToolServer> StartAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapGet("/v1/models", http => http.Response.WriteAsync($$"""{"object":"list","data":[{"id":"{{Model}}","object":"model","created":1,"owned_by":"test"},{"id":"{{Reader}}","object":"model","created":1,"owned_by":"test","capabilities":["rerank","moderation"]}]}"""));
        app.MapPost("/v1/chat/completions", AnswerAsync);
        app.MapPost("/v1/rerank", RerankAsync);
        app.MapPost("/v1/moderations", ModerateAsync);
        await app.StartAsync(ct);
        return new ToolServer(app);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext http)
    {
        var request = await JsonSerializer.DeserializeAsync<JsonElement>(http.Request.Body, cancellationToken: http.RequestAborted);
        var messages = request.GetProperty("messages");
        var isAnswered = messages[messages.GetArrayLength() - 1].GetProperty("role").GetString() == "tool";
        var mayCall = request.TryGetProperty("tools", out var tools) && tools.GetArrayLength() > 0
            && !(request.TryGetProperty("tool_choice", out var choice) && choice.ValueKind == JsonValueKind.String && choice.GetString() == "none");
        var isJson = request.TryGetProperty("response_format", out _);
        http.Response.ContentType = "text/event-stream";
        foreach (var piece in isAnswered ? Text("It is", " sunny.") : mayCall ? Call(tools) : isJson ? Text("{\\\"city\\\":", " \\\"Paris\\\"}") : Text("Hello", "."))
            await SendAsync(http, $$"""[{{piece}}]""", "null");
        await SendAsync(http, "[]", """{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}""");
        await http.Response.WriteAsync("data: [DONE]\n\n", http.RequestAborted);
    }

    private static async Task RerankAsync(HttpContext http)
    {
        var request = await JsonSerializer.DeserializeAsync<JsonElement>(http.Request.Body, cancellationToken: http.RequestAborted);
        var asked = Words(request.GetProperty("query").GetString()!);
        var results = request.GetProperty("documents").EnumerateArray()
            .Select((document, index) => new { index, relevance_score = Words(document.GetString()!).Intersect(asked).Count() / (double)asked.Length });
        await http.Response.WriteAsJsonAsync(new { results, usage = new { prompt_tokens = asked.Length, total_tokens = asked.Length } }, http.RequestAborted);

        static string[] Words(string text) => [.. text.ToLowerInvariant().Split([' ', '?', '.', '!'], StringSplitOptions.RemoveEmptyEntries).Distinct()];
    }

    private static async Task ModerateAsync(HttpContext http)
    {
        var request = await JsonSerializer.DeserializeAsync<JsonElement>(http.Request.Body, cancellationToken: http.RequestAborted);
        var input = request.GetProperty("input");
        var texts = input.ValueKind == JsonValueKind.String ? [input] : input.EnumerateArray().ToArray();
        var results = texts.Select(text => text.GetString()!.Contains("kill", StringComparison.Ordinal)).Select(isViolent => new
        {
            flagged = isViolent,
            categories = new { violence = isViolent },
            category_scores = new { violence = isViolent ? 0.9 : 0.1 },
        });
        await http.Response.WriteAsJsonAsync(new { results }, http.RequestAborted);
    }

    private static string[] Text(params string[] words) =>
    [
        Choice("""{"role":"assistant","content":""}"""),
        .. words.Select(word => Choice($$"""{"content":"{{word}}"}""")),
        Choice("{}", "\"stop\""),
    ];

    private static string[] Call(JsonElement tools)
    {
        var name = tools[0].GetProperty("function").GetProperty("name").GetString();
        return
        [
            Choice($$$"""{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_up","type":"function","function":{"name":"{{{name}}}","arguments":""}}]}"""),
            Choice("""{"tool_calls":[{"index":0,"function":{"arguments":"{\"ci"}}]}"""),
            Choice("""{"tool_calls":[{"index":0,"function":{"arguments":"ty\": \"Paris\"}"}}]}"""),
            Choice("{}", "\"tool_calls\""),
        ];
    }

    private static string Choice(string delta, string finish = "null") => $$"""{"index":0,"delta":{{delta}},"finish_reason":{{finish}}}""";

    private static Task SendAsync(HttpContext http, string choices, string usage) => http.Response.WriteAsync(
        $$"""
        data: {"id":"chatcmpl-up","object":"chat.completion.chunk","created":1,"model":"{{Model}}","choices":{{choices}},"usage":{{usage}}}


        """, http.RequestAborted);
}
