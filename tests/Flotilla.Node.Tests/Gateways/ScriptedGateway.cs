using System.Net;
using System.Threading.Channels;
using Flotilla.Core;
using Flotilla.Protocol.Link;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Flotilla.Node.Tests.Gateways;

/// <summary>A gateway that does what a test tells it: real sockets, no logic of its own.</summary>
internal sealed class ScriptedGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<GatewaySocket> _connections = Channel.CreateUnbounded<GatewaySocket>();

    private readonly Channel<bool> _refused = Channel.CreateUnbounded<bool>();

    private ScriptedGateway(WebApplication app, SigningKey key)
    {
        _app = app;
        Key = key;
    }

    public SigningKey Key { get; }

    /// <summary>Whether it opens links at all; else it answers 503.</summary>
    public bool IsOpen { get; set; } = true;

    /// <summary>One entry for every node that it did not open a link for.</summary>
    public ChannelReader<bool> Refused => _refused.Reader;

    public Uri Address { get; private set; } = null!;

    public string Origin => Address.Authority;

    /// <summary>The subprotocol that it answers with; null for one that knows none.</summary>
    public string? Subprotocol { get; private init; }

    public static async Task<ScriptedGateway> StartAsync(byte seed = 1, string? subprotocol = LinkLimits.Subprotocol)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        builder.Services.Configure<WebSocketOptions>(o => o.KeepAliveInterval = TimeSpan.Zero);
        var app = builder.Build();
        var gateway = new ScriptedGateway(app, SigningKey.FromSeed(Enumerable.Repeat(seed, Ed25519.KeyBytes).ToArray())) { Subprotocol = subprotocol };
        app.UseWebSockets();
        app.Map("/link/v1", gateway.ConnectAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        gateway.Address = new Uri(app.Urls.Single());
        return gateway;
    }

    /// <summary>Waits for the next node that dials; nothing is sent to it yet.</summary>
    public ValueTask<GatewaySocket> AcceptAsync() => _connections.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>Waits for the next node that dials and lets it in.</summary>
    public async Task<GatewaySocket> WelcomeAsync(ulong epoch = 1)
    {
        var socket = await AcceptAsync();
        await socket.WelcomeAsync(Key, epoch);
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task ConnectAsync(HttpContext http)
    {
        if (!IsOpen)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            _refused.Writer.TryWrite(true);
            return;
        }

        var socket = new GatewaySocket(await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = Subprotocol }));
        _connections.Writer.TryWrite(socket);
        var stopping = new TaskCompletionSource();
        using var registration = _app.Lifetime.ApplicationStopping.Register(stopping.SetResult);
        await Task.WhenAny(socket.Released, stopping.Task);
    }
}
