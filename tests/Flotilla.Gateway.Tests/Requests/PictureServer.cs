using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Somebody else's server, on a loopback port, from which a gateway fetches.</summary>
internal sealed class PictureServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _asked;
    private int _now;
    private int _atOnce;

    private PictureServer(WebApplication app) => _app = app;

    /// <summary>What a path gives; a test may change it.</summary>
    public RequestDelegate Serve { get; set; } = http => http.Response.WriteAsync("nothing");

    /// <summary>Requests so far.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>The most requests that were open at the same moment.</summary>
    public int AtOnce => Volatile.Read(ref _atOnce);

    /// <summary>Requests that are open.</summary>
    public int Now => Volatile.Read(ref _now);

    public static async Task<PictureServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new PictureServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Gives these bytes, whatever the path, under a type that is none of theirs.</summary>
    public void Give(byte[] file) => Serve = async http =>
    {
        http.Response.ContentType = "text/plain";
        await http.Response.Body.WriteAsync(file);
    };

    public string Url(string path = "a.png") => $"{_app.Urls.First()}/{path}";

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        Interlocked.Increment(ref _asked);
        var now = Interlocked.Increment(ref _now);
        for (var most = AtOnce; now > most && Interlocked.CompareExchange(ref _atOnce, now, most) != most;)
            most = AtOnce;
        try
        {
            await Serve(http);
        }
        finally
        {
            Interlocked.Decrement(ref _now);
        }
    }
}
