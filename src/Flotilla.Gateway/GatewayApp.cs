using System.Net;
using Flotilla.Core;
using Flotilla.Gateway.Admin;
using Flotilla.Gateway.Batches;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Deferred;
using Flotilla.Gateway.Endpoints;
using Flotilla.Gateway.Files;
using Flotilla.Gateway.Nodes;
using Flotilla.Gateway.OpenApi;
using Flotilla.Gateway.Responses;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Stages;
using Flotilla.Gateway.Telemetry;
using Flotilla.Gateway.Videos;
using Flotilla.Gateway.Webhooks;
using Flotilla.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway;

/// <summary>A gateway: HTTP API, node links and ledger in this process. Started whole or not at all.</summary>
public sealed class GatewayApp : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly StateStore _state;
    private int _stopped;

    private GatewayApp(WebApplication app, GatewayOptions options, LedgerStore ledger, StateStore state, TimeProvider time)
    {
        _app = app;
        _options = options;
        _time = time;
        _log = app.Services.GetRequiredService<ILogger<GatewayApp>>();
        Ledger = ledger;
        _state = state;
    }

    /// <summary>Where clients point their SDK, such as <c>http://127.0.0.1:8080/v1</c>.</summary>
    public string BaseUrl => Origin + "/v1";

    /// <summary>Scheme, host and port, such as <c>http://127.0.0.1:8080</c>: what a node dials.</summary>
    public string Origin { get; private set; } = string.Empty;

    /// <summary>The ledger that this gateway alone writes.</summary>
    public LedgerStore Ledger { get; }

    /// <summary>Calls to itself.</summary>
    internal InternalCalls Calls => _app.Services.GetRequiredService<InternalCalls>();

    /// <summary>What is answered later.</summary>
    internal DeferredQueue Deferred => _app.Services.GetRequiredService<DeferredQueue>();

    /// <summary>Opens the ledger and starts to listen.</summary>
    /// <param name="options">Checked here; a fault is an <see cref="ArgumentException"/> that names every one.</param>
    /// <param name="logging">Where logs go; null: nowhere.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <param name="ids">Ids, nonces and seeds; null: the system's random source.</param>
    /// <param name="cancellation">Stops the start.</param>
    /// <exception cref="LedgerInUseException">Another gateway has this data folder.</exception>
    /// <exception cref="IOException">The address is taken.</exception>
    public static async Task<GatewayApp> StartAsync(
        GatewayOptions options, Action<ILoggingBuilder>? logging = null, TimeProvider? time = null, IIdSource? ids = null, CancellationToken cancellation = default)
    {
        var faults = GatewayOptionsValidator.Faults(options);
        if (faults.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, faults), nameof(options));
        time ??= TimeProvider.System;
        ids ??= SystemIdSource.Instance;
        Directory.CreateDirectory(options.DataFolder);
        var key = SigningKey.LoadOrCreate(Path.Combine(options.DataFolder, "gateway.key"), ids);
        var ledger = await LedgerStore.OpenAsync(Books(options), time, ids, cancellation);
        StateStore? state = null;
        try
        {
            state = StateStore.Open(options.DataFolder);
            var app = Build(options, key, ledger, state, logging, time, ids);
            var gateway = new GatewayApp(app, options, ledger, state, time);
            await gateway.ListenAsync(cancellation);
            return gateway;
        }
        catch
        {
            if (state is not null)
                await state.DisposeAsync();
            await ledger.DisposeAsync();
            throw;
        }
    }

    /// <summary>Drains and stops: no new requests, running ones finish or are cut off at <see cref="GatewayOptions.DrainTimeout"/>, then links and ledger close.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
            return;
        _log.Draining(_options.DrainTimeout.TotalSeconds);
        var background = _app.Services.GetRequiredService<BackgroundWork>();
        background.Close();
        try
        {
            await _app.Services.GetRequiredService<DrainGate>().DrainAsync().WaitAsync(_options.DrainTimeout, _time);
        }
        catch (TimeoutException)
        {
            _log.DrainTimedOut(_options.DrainTimeout.TotalSeconds);
        }

        await background.StopAsync();
        // Only now: a request that was let in may have needed a node until the end.
        var nodes = _app.Services.GetRequiredService<NodeDirectory>();
        nodes.Drain("the gateway stops");
        nodes.CloseAll();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _state.DisposeAsync();
        await Ledger.DisposeAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task ListenAsync(CancellationToken cancellation)
    {
        try
        {
            _app.Services.GetRequiredService<BackgroundWork>().Prepare();
            await _app.StartAsync(cancellation);
        }
        catch
        {
            await _app.DisposeAsync();
            throw;
        }

        Origin = _app.Urls.First();
        _app.Services.GetRequiredService<BackgroundWork>().Start();
        _log.Started(BaseUrl, Ledger.Recovery.Epoch, Ledger.Recovery.HoldsVoided);
    }

    private static WebApplication Build(
        GatewayOptions options, SigningKey key, LedgerStore ledger, StateStore state, Action<ILoggingBuilder>? logging, TimeProvider time, IIdSource ids)
    {
        // Empty: no settings from files or the environment that GatewayOptions does not know, and no watcher of the data
        // folder, which would wake at every write of the ledger.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = options.DataFolder });
        logging?.Invoke(builder.Logging);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options));
        builder.Services.AddRoutingCore();
        // Signals belong to the command line, which drains first: the host's own lifetime would cut streams off.
        builder.Services.AddSingleton<IHostLifetime, PassiveLifetime>();
        builder.Services.AddSingleton(options).AddSingleton(key).AddSingleton(ledger).AddSingleton(ledger.Nodes).AddSingleton(state).AddSingleton(time).AddSingleton(ids);
        builder.Services.AddSingleton(new NodeLinkOptions { PublicHosts = options.PublicHosts });
        BrowserAccess.Add(builder.Services, options);
        builder.Services.AddGateway();
        var app = builder.Build();
        var middleware = app.Services.GetRequiredService<RequestMiddleware>();
        var calls = app.Services.GetRequiredService<InternalCalls>();
        app.Use(next => calls.Enter(http => middleware.RunAsync(http, next)));
        BrowserAccess.Use(app, options);
        var limit = app.Services.GetRequiredService<Limit>();
        app.Use(next => http => limit.RunAsync(http, next));
        var repeat = app.Services.GetRequiredService<Repeat>();
        app.Use(next => http => repeat.RunAsync(http, next));
        var attach = app.Services.GetRequiredService<Attach>();
        app.Use(next => http => attach.RunAsync(http, next));
        app.Use(next => http => Limit.AdmitAsync(http, next));
        ReferenceRoutes.UsePage(app);
        app.UseRouting();
        var deferred = app.Services.GetRequiredService<DeferredDoor>();
        app.Use(next => http => deferred.RunAsync(http, next));
        Map(app);
        return app;
    }

    private static void Map(WebApplication app)
    {
        app.Services.GetRequiredService<InferenceRoutes>().Map(app);
        app.Services.GetRequiredService<ResponseRoutes>().Map(app);
        app.Services.GetRequiredService<TokenCounts>().Map(app);
        app.Services.GetRequiredService<ModelRoutes>().Map(app);
        app.Services.GetRequiredService<CatalogRoutes>().Map(app);
        app.Services.GetRequiredService<JobRoutes>().Map(app);
        app.Services.GetRequiredService<RequestRoutes>().Map(app);
        app.Services.GetRequiredService<VideoRoutes>().Map(app);
        app.Services.GetRequiredService<FileRoutes>().Map(app);
        app.Services.GetRequiredService<BatchRoutes>().Map(app);
        app.Services.GetRequiredService<WebhookRoutes>().Map(app);
        app.Services.GetRequiredService<AccountViewRoutes>().Map(app);
        app.Services.GetRequiredService<HealthRoutes>().Map(app);
        UnservedRoutes.Map(app);
        app.Services.GetRequiredService<AccountRoutes>().Map(app);
        app.Services.GetRequiredService<FleetRoutes>().Map(app);
        ReferenceRoutes.Map(app);
        NodeLinkEndpoint.Map(app);
    }

    private static LedgerOptions Books(GatewayOptions options)
    {
        var books = new LedgerOptions { Path = Path.Combine(options.DataFolder, "ledger.db") };
        return options.DefaultPrice is { } price ? books with { DefaultPrice = price } : books;
    }

    private static void Configure(KestrelServerOptions kestrel, GatewayOptions options)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = GatewayLimits.BodyBytesMax;
        limits.MaxRequestHeadersTotalSize = GatewayLimits.HeaderBytesMax;
        limits.MaxRequestHeaderCount = GatewayLimits.HeadersMax;
        limits.MaxRequestLineSize = GatewayLimits.RequestLineBytesMax;
        limits.MaxConcurrentConnections = GatewayLimits.ConnectionsMax;
        limits.MaxConcurrentUpgradedConnections = GatewayLimits.UpgradedConnectionsMax;
        limits.RequestHeadersTimeout = GatewayLimits.HeadersTimeout;
        limits.KeepAliveTimeout = GatewayLimits.KeepAlive;
        limits.Http2.MaxStreamsPerConnection = GatewayLimits.Http2StreamsMax;
        if (IPAddress.TryParse(options.Host, out var address))
            kestrel.Listen(address, options.Port);
        else if (options.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) && options.Port != 0)
            kestrel.ListenLocalhost(options.Port);
        else
            throw new ArgumentException($"Host is '{options.Host}'; give an IP address to listen on, such as 127.0.0.1 or 0.0.0.0, or 'localhost' with a port.", nameof(options));
    }

    private sealed class PassiveLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
