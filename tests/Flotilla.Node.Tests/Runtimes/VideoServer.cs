using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>Somebody else's server that makes videos, or says so: what it answers to each request is the test's.</summary>
internal sealed class VideoServer : IAsyncDisposable
{
    /// <summary>The id of its one video.</summary>
    public const string Id = "video_1";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _asked = [];

    private VideoServer(WebApplication app) => _app = app;

    /// <summary>Answers <c>POST /v1/videos</c>.</summary>
    public RequestDelegate Create { get; set; } = Says("queued");

    /// <summary>Answers <c>GET /v1/videos/{id}</c>.</summary>
    public RequestDelegate Show { get; set; } = Says("completed");

    /// <summary>Answers <c>GET /v1/videos/{id}/content</c>.</summary>
    public RequestDelegate Content { get; set; } = http => http.Response.WriteAsync("nothing");

    /// <summary>Answers <c>DELETE /v1/videos/{id}</c>.</summary>
    public RequestDelegate Delete { get; set; } = Says("deleted");

    /// <summary>What it was asked so far, such as <c>DELETE /v1/videos/video_1</c>.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    /// <summary>The form of the last order.</summary>
    public IFormCollection? Form { get; private set; }

    /// <summary>Where it is.</summary>
    public Uri Url => new(_app.Urls.First() + "/v1");

    public static async Task<VideoServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new VideoServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Answers with the video in this state.</summary>
    public static RequestDelegate Says(string status, string more = "", string id = Id, int code = StatusCodes.Status200OK) => http =>
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync($$"""{"id":"{{id}}","object":"video","status":"{{status}}"{{more}}}""");
    };

    /// <summary>Answers with a file, under a type that is none of its.</summary>
    public static RequestDelegate Gives(byte[] file) => http =>
    {
        http.Response.ContentType = "application/octet-stream";
        return http.Response.Body.WriteAsync(file).AsTask();
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        _asked.Enqueue($"{http.Request.Method} {http.Request.Path}");
        if (HttpMethods.IsPost(http.Request.Method))
        {
            Form = await http.Request.ReadFormAsync();
            await Create(http);
        }
        else if (HttpMethods.IsDelete(http.Request.Method))
        {
            await Delete(http);
        }
        else
        {
            await (http.Request.Path.Value!.EndsWith("/content", StringComparison.Ordinal) ? Content : Show)(http);
        }
    }
}
