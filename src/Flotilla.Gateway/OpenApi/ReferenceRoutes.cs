using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.OpenApi;

/// <summary><c>/openapi.json</c>, <c>/admin/openapi.json</c> and, at <c>/docs</c>, a page to browse them; none needs a key, nor the internet.</summary>
internal static class ReferenceRoutes
{
    private const string DocumentPath = "/openapi.json", AdminDocumentPath = "/admin/openapi.json";

    public static void Map(WebApplication app)
    {
        Map(app, DocumentPath, ApiDocument.PublicPath);
        Map(app, AdminDocumentPath, ApiDocument.AdminPath);
    }

    public static void UsePage(WebApplication app) => app.UseSwaggerUI(page =>
    {
        page.RoutePrefix = "docs";
        page.DocumentTitle = "Flotilla";
        page.SwaggerEndpoint(DocumentPath, "Flotilla");
        page.SwaggerEndpoint(AdminDocumentPath, "Flotilla, administration");
    });

    private static void Map(WebApplication app, string path, string root)
    {
        var document = new Lazy<byte[]>(() => ApiDocument.Of(((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints), root));
        app.MapGet(path, http =>
        {
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = document.Value.Length;
            return http.Response.Body.WriteAsync(document.Value, http.RequestAborted).AsTask();
        });
    }
}
