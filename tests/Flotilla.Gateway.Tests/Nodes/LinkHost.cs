using System.Net;
using Flotilla.Core;
using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Tests.Nodes;

/// <summary>The link's endpoint alone, behind a real Kestrel on a loopback port, with a clock that a test moves.</summary>
internal sealed class LinkHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<ScriptedNode> _nodes = [];

    private LinkHost(WebApplication app, WatchedTimeProvider time, FakeRegistry registry)
    {
        _app = app;
        Time = time;
        Registry = registry;
        Address = IPEndPoint.Parse(new Uri(app.Urls.First()).Authority);
    }

    public WatchedTimeProvider Time { get; }

    public FakeRegistry Registry { get; }

    public SigningKey Key => _app.Services.GetRequiredService<SigningKey>();

    public NodeDirectory Directory => _app.Services.GetRequiredService<NodeDirectory>();

    public INodePicker Picker => _app.Services.GetRequiredService<INodePicker>();

    public TrackRecords Records => _app.Services.GetRequiredService<TrackRecords>();

    public IPEndPoint Address { get; }

    public string Origin => Address.ToString();

    public static async Task<LinkHost> StartAsync(NodeLinkOptions? options = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var time = new WatchedTimeProvider();
        var registry = new FakeRegistry();
        builder.Services
            .AddSingleton<TimeProvider>(time)
            .AddSingleton<IIdSource, CountingIdSource>()
            .AddSingleton(options ?? new NodeLinkOptions())
            .AddSingleton(ScriptedNode.KeyOf(99))
            .AddNodeLink()
            .AddSingleton<INodeRegistry>(registry);
        var app = builder.Build();
        app.UseRouting();
        NodeLinkEndpoint.Map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new LinkHost(app, time, registry);
    }

    /// <summary>A node that has shaken hands; it lives as long as the host, also when a test forgets it.</summary>
    public async Task<ScriptedNode> ConnectAsync(byte key = 1)
    {
        var node = await ScriptedNode.ConnectAsync(Address, new ScriptedNode.Hand { Key = key });
        _nodes.Add(node);
        return node;
    }

    /// <summary>A node that was admitted with models, and its session.</summary>
    public async Task<(ScriptedNode Node, NodeSession Session)> AdmitAsync(byte key = 1, uint slots = 4, params string[] models)
    {
        if (models.Length == 0)
            models = ["m"];
        var node = await ConnectAsync(key);
        await node.AdvertiseAsync(slots, [.. models.Select(m => ScriptedNode.EngineModel(m))]);
        for (var i = 0; i < models.Length; i++)
        {
            await node.AnswerAsync(await node.JobAsync());
            Assert.True((await node.ReadAsync(GatewayFrame.BodyOneofCase.Admission)).Admission.Admitted);
        }

        return (node, Directory.Snapshot.Serving(models[0]).Single(s => s.Id == node.Id));
    }

    public async ValueTask DisposeAsync()
    {
        Directory.CloseAll();
        // The close waits for nodes that tests left open; their time is over too.
        Time.Advance(TimeSpan.FromSeconds(2));
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await _app.DisposeAsync();
    }
}
