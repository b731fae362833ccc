using Flotilla.Core;
using Flotilla.Protocol.Link;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Gateway.Nodes;

/// <summary>Puts the node link into a host.</summary>
internal static class NodeLinkEndpoint
{
    /// <summary>Adds what the link needs, beside <see cref="TimeProvider"/>, <see cref="IIdSource"/>, <see cref="Ledger.NodeBook"/>, <see cref="NodeLinkOptions"/> and the gateway's <see cref="SigningKey"/>.</summary>
    public static IServiceCollection AddNodeLink(this IServiceCollection services) => services
        .AddSingleton<NodeDirectory>()
        .AddSingleton<TrackRecords>()
        .AddSingleton<INodePicker, LeastWaitPicker>()
        .AddSingleton<INodeRegistry, NodeBookRegistry>()
        .AddSingleton<AdmissionTest>()
        .AddSingleton<PrefixSalts>()
        .AddSingleton(s => new GatewayNames(s.GetRequiredService<NodeLinkOptions>().PublicHosts, Environment.MachineName))
        .AddSingleton<NodeHandshake>()
        .AddSingleton<NodeLinkServices>()
        .AddSingleton<NodeLinkServer>();

    /// <summary>Maps <c>GET</c> <see cref="LinkLimits.Path"/>.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        var server = app.ServiceProvider.GetRequiredService<NodeLinkServer>();
        // The upgrade belongs to this path alone: no other endpoint speaks WebSocket.
        var link = app.CreateApplicationBuilder().UseWebSockets();
        link.Run(server.ServeAsync);
        app.MapGet(LinkLimits.Path, link.Build());
    }
}
