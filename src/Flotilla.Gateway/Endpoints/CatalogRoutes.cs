using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Endpoints;

/// <summary>Everything about every model, for anybody: no key is needed to look at a price list.</summary>
internal sealed class CatalogRoutes(ModelFacts facts)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/catalog", ListAsync);

    private async Task ListAsync(HttpContext http)
    {
        if (RegionQuery.Read(http, out var region) is { } wrong)
        {
            await ErrorResponse.WriteAsync(http, wrong);
            return;
        }

        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(http.Response.Body, new CatalogList([.. facts.Catalog(region)]), CatalogJson.Default.CatalogList, http.RequestAborted);
    }
}
