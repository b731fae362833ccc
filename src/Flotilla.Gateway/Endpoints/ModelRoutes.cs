using System.Buffers;
using Flotilla.Gateway.Nodes;
using Flotilla.Gateway.Stages;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Endpoints;

/// <summary>What is served now: a model without a node is not listed, though its id stays valid.</summary>
internal sealed class ModelRoutes(Authenticate authenticate, Namespaces namespaces, Resolve resolve, NodeDirectory nodes, ModelFacts facts)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/models", ListAsync);
        routes.MapGet("/v1/models/{**model}", FindAsync);
    }

    private async Task ListAsync(HttpContext http)
    {
        if (authenticate.Identify(http).Failed(out var error, out var key))
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        if (RegionQuery.Read(http, out var region) is { } wrong)
        {
            await ErrorResponse.WriteAsync(http, wrong);
            return;
        }

        var fleet = nodes.Snapshot;
        var body = new ArrayBufferWriter<byte>(1024);
        ModelListWriter.WriteList([.. fleet.Models.Where(name => fleet.IsIn(name, region) && facts.IsListed(fleet, name)).Select(name => facts.Row(fleet, name, HasAliases(key)))], body);
        await WriteAsync(http, body);
    }

    private async Task FindAsync(HttpContext http)
    {
        if (authenticate.Identify(http).Failed(out var error, out var key))
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        var asked = (string)http.Request.RouteValues["model"]!;
        if (!HasAliases(key) && resolve.IsAlias(asked))
        {
            await ErrorResponse.WriteAsync(http, Resolve.NotFound(asked));
            return;
        }

        var name = resolve.Canonical(asked);
        var fleet = nodes.Snapshot;
        var notes = facts.NotesOn(name);
        if (notes is not null && facts.IsShutDown(name))
        {
            await ErrorResponse.WriteAsync(http, Resolve.ShutDown(name, notes));
            return;
        }

        if (fleet.Offers(name).Count == 0)
        {
            await ErrorResponse.WriteAsync(http, resolve.IsKnown(name, fleet) ? Resolve.NoNode(name) : Resolve.NotFound(asked));
            return;
        }

        if (notes is not null)
            JobHeaders.Deprecated(http.Response, notes);
        var body = new ArrayBufferWriter<byte>(512);
        ModelListWriter.WriteOne(facts.Row(fleet, name, HasAliases(key)), body);
        await WriteAsync(http, body);
    }

    private bool HasAliases(KeyRecord key) => key.Namespace is not { } owner || namespaces.NotesOn(owner).Aliases;

    private static async Task WriteAsync(HttpContext http, ArrayBufferWriter<byte> body)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.WrittenCount;
        http.Response.BodyWriter.Write(body.WrittenSpan);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }
}
