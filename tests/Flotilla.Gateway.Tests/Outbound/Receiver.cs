using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Tests.Outbound;

/// <summary>Somebody else's HTTP server on a loopback port: keeps what it is sent, and answers as it is told.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();
    private readonly ConcurrentQueue<RequestDelegate> _answers = new();

    private Receiver(WebApplication app) => _app = app;

    /// <summary>Lets the gateway call receivers.</summary>
    public static OutboundOptions Allowed { get; } = new() { AllowHttp = true, PrivateRanges = ["127.0.0.1/32"] };

    public int Port => new Uri(_app.Urls.First()).Port;

    public string Url => $"http://127.0.0.1:{Port}/hook";

    /// <summary>Whether anything came that was not taken yet.</summary>
    public bool HasMore => _received.Reader.TryPeek(out _);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var receiver = new Receiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync(Cancellation);
        return receiver;
    }

    /// <summary>Answers the next requests with these statuses; all others with 204.</summary>
    public void Answer(params int[] statuses)
    {
        foreach (var status in statuses)
        {
            Answer(http =>
            {
                http.Response.StatusCode = status;
                return Task.CompletedTask;
            });
        }
    }

    /// <summary>Answers the next request.</summary>
    public void Answer(RequestDelegate answer) => _answers.Enqueue(answer);

    /// <summary>What came next.</summary>
    public ValueTask<Received> NextAsync() => _received.Reader.ReadAsync(Cancellation);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        _received.Writer.TryWrite(new Received(http.Request.Method, http.Request.Path + http.Request.QueryString, headers, body.ToArray()));
        if (_answers.TryDequeue(out var answer))
            await answer(http);
        else
            http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
