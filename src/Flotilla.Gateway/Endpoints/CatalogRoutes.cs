using System.Text.Json;
using Flotilla.Gateway.Nodes;
using Flotilla.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Endpoints;

/// <summary>Everything about every model, for anybody: no key is needed to look at a price list.</summary>
/// <remarks>No key means no limit either, so that what is asked again and again is written once for each region.</remarks>
internal sealed class CatalogRoutes(ModelFacts facts, NodeDirectory nodes, LedgerStore ledger, TimeProvider time)
{
    private const string AnyRegion = "";
    private readonly Lock _lock = new();
    private readonly Dictionary<string, CatalogText> _texts = new(StringComparer.Ordinal);

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/catalog", ListAsync);

    private async Task ListAsync(HttpContext http)
    {
        if (RegionQuery.Read(http, out var region) is { } wrong)
        {
            await ErrorResponse.WriteAsync(http, wrong);
            return;
        }

        var json = Json(region);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = json.Length;
        await http.Response.BodyWriter.WriteAsync(json, http.RequestAborted);
    }

    private byte[] Json(string? region)
    {
        var (fleet, prices) = (nodes.Snapshot, ledger.Prices.Current);
        // Whoever comes meanwhile waits for the same text instead of writing it too.
        lock (_lock)
        {
            if (_texts.TryGetValue(region ?? AnyRegion, out var known) && known.Fleet == fleet && known.Prices == prices && time.GetElapsedTime(known.Written) < GatewayLimits.CatalogAge)
                return known.Json;
            var json = JsonSerializer.SerializeToUtf8Bytes(new CatalogList([.. facts.Catalog(region)]), CatalogJson.Default.CatalogList);
            _texts[region ?? AnyRegion] = new CatalogText(fleet, prices, time.GetTimestamp(), json);
            return json;
        }
    }
}
