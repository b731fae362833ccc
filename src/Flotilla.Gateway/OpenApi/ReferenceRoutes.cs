using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.OpenApi;

/// <summary><c>/openapi.json</c> and, at <c>/docs</c>, a page to browse it; neither needs a key, nor the internet.</summary>
internal static class ReferenceRoutes
{
    private const string DocumentPath = "/openapi.json";

    public static void Map(WebApplication app)
    {
        var document = new Lazy<byte[]>(() => ApiDocument.Of(((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints)));
        app.MapGet(DocumentPath, http =>
        {
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = document.Value.Length;
            return http.Response.Body.WriteAsync(document.Value, http.RequestAborted).AsTask();
        });
    }

    public static void UsePage(WebApplication app) => app.UseSwaggerUI(page =>
    {
        page.RoutePrefix = "docs";
        page.DocumentTitle = "Flotilla";
        page.SwaggerEndpoint(DocumentPath, "Flotilla");
    });
}
