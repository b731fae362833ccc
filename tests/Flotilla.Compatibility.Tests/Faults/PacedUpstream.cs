using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flotilla.Compatibility.Tests.Faults;

/// <summary>An OpenAI-compatible server whose pace the test sets: it says when a request has come, and goes on when it is let.</summary>
internal sealed class PacedUpstream : IAsyncDisposable
{
    public const string Model = "paced";
    private readonly WebApplication _app;
    private readonly SemaphoreSlim _words;
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _requests;

    private PacedUpstream(WebApplication app, SemaphoreSlim words)
    {
        _app = app;
        _words = words;
    }

    /// <summary>The first inference request that is no admission test is here.</summary>
    public Task Arrived => _arrived.Task;

    /// <summary>Inference requests so far, admission tests left out.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public string BaseUrl => _app.Urls.First() + "/v1";

    /// <param name="words">A word is sent for each count that can be taken.</param>
    public static async Task<PacedUpstream> StartAsync(SemaphoreSlim words, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var upstream = new PacedUpstream(app, words);
        app.MapGet("/v1/models", http => WriteAsync(http, $$"""{"object":"list","data":[{"id":"{{Model}}","object":"model","created":1,"owned_by":"test"}]}"""));
        app.MapPost("/v1/chat/completions", upstream.ChatAsync);
        await app.StartAsync(cancellation);
        return upstream;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task ChatAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        var isTest = !body.Contains(FaultPrompt.Text, StringComparison.Ordinal);
        var words = isTest ? 1 : FaultPrompt.Words;
        if (!isTest)
        {
            Interlocked.Increment(ref _requests);
            _arrived.TrySetResult();
        }

        http.Response.ContentType = "text/event-stream";
        for (var i = 0; i < words; i++)
        {
            if (!isTest)
                await _words.WaitAsync(http.RequestAborted);
            await SendAsync(http, $$"""{"choices":[{"index":0,"delta":{"content":"w{{i.ToString(CultureInfo.InvariantCulture)}} "},"finish_reason":null}]}""");
        }

        await SendAsync(http, """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""");
        await SendAsync(http, $$$"""{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":{{{words}}},"total_tokens":{{{7 + words}}}}}""");
        await http.Response.WriteAsync("data: [DONE]\n\n", http.RequestAborted);
    }

    private static async Task SendAsync(HttpContext http, string tail)
    {
        var head = $$"""{"id":"chatcmpl-up","object":"chat.completion.chunk","created":1,"model":"{{Model}}",""";
        await http.Response.WriteAsync($"data: {head}{tail.AsSpan(1)}\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private static Task WriteAsync(HttpContext http, string json)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(json, http.RequestAborted);
    }
}
