using System.Text;
using System.Text.Json.Nodes;
using Flotilla.Gateway.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Flotilla.Gateway.OpenApi;

/// <summary>The OpenAPI document of the public API: its paths are the routes themselves, so that none is forgotten; what is said of them
/// is in <c>operations.json</c>, the objects in <c>schemas.json</c>.</summary>
internal static class ApiDocument
{
    private const string Json = "application/json";
    private const string SchemaRoot = "#/components/schemas/";

    /// <summary>Writes the document of the routes below <c>/v1</c> that are served.</summary>
    public static byte[] Of(IEnumerable<Endpoint> endpoints)
    {
        var known = Embedded("operations.json");
        var paths = new JsonObject();
        foreach (var route in endpoints.OfType<RouteEndpoint>().Where(IsPublic).OrderBy(route => PathOf(route.RoutePattern), StringComparer.Ordinal))
        {
            var path = PathOf(route.RoutePattern);
            var operations = paths[path] as JsonObject ?? [];
            paths[path] = operations;
            foreach (var method in route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods)
                operations[method.ToLowerInvariant()] = Operation(path, method, known[$"{method} {path}"], route.RoutePattern);
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "Flotilla", ["version"] = "1", ["description"] = "The OpenAI API from machines that belong to many people." },
            ["security"] = new JsonArray(new JsonObject { ["key"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject { ["key"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" } },
                ["schemas"] = Embedded("schemas.json"),
            },
        };
        return Encoding.UTF8.GetBytes(document.ToJsonString());
    }

    private static bool IsPublic(RouteEndpoint route) =>
        route.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal) && route.Metadata.GetMetadata<UnservedRoutes.NotServed>() is null
        && route.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods.Count: > 0 };

    private static string PathOf(RoutePattern pattern) => "/" + string.Join('/', pattern.PathSegments.Select(segment =>
        string.Concat(segment.Parts.Select(part => part is RoutePatternParameterPart named ? $"{{{named.Name}}}" : ((RoutePatternLiteralPart)part).Content))));

    private static JsonObject Operation(string path, string method, JsonNode? said, RoutePattern pattern)
    {
        var operation = new JsonObject
        {
            ["summary"] = (string?)said?["summary"] ?? path,
            ["tags"] = new JsonArray((string?)said?["tag"] ?? "More"),
            ["operationId"] = $"{method.ToLowerInvariant()}{path.Replace('/', '_').Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)}",
        };
        if (pattern.Parameters.Count > 0)
        {
            operation["parameters"] = new JsonArray([.. pattern.Parameters.Select(parameter => new JsonObject
            {
                ["name"] = parameter.Name, ["in"] = "path", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" },
            })]);
        }

        if ((string?)said?["request"] is { } request)
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(request) };
        operation["responses"] = new JsonObject
        {
            ["200"] = new JsonObject { ["description"] = "The answer; a stream of events where stream is true.", ["content"] = Content((string?)said?["answer"] ?? "Object") },
            ["default"] = new JsonObject { ["description"] = "An error; docs/errors.md lists them.", ["content"] = Content("Error") },
        };
        return operation;
    }

    private static JsonObject Content(string schema) => new() { [Json] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = SchemaRoot + schema } } };

    private static JsonObject Embedded(string name)
    {
        using var file = typeof(ApiDocument).Assembly.GetManifestResourceStream(name)!;
        return JsonNode.Parse(file)!.AsObject();
    }
}
