using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.Gateway.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Flotilla.Gateway.OpenApi;

/// <summary>The OpenAPI documents, of the public API and of the admin API: their paths are the routes themselves, so that none is forgotten; what is said of them
/// is in <c>operations.json</c>, each object in a file of its own in <c>Schemas</c>.</summary>
internal static class ApiDocument
{
    private const string Json = "application/json";
    private const string Form = "multipart/form-data";
    private const string Events = "text/event-stream";
    private const string SchemaRoot = "#/components/schemas/";
    private const string SchemaPrefix = "schema.";
    private const string SchemaSuffix = ".json";

    /// <summary>Where the two APIs are.</summary>
    public const string PublicPath = "/v1/", AdminPath = "/admin/v1/";

    // Of the admin API alone; both have the errors.
    private const string AdminSchemas = "Admin";
    private static readonly string[] Errors = ["Error", "ErrorObject"];

    /// <summary>What the routes of inference share in <c>operations.json</c>.</summary>
    private const string Inference = "inference";

    /// <summary>Writes the document of the routes below a path that are served.</summary>
    /// <param name="endpoints">All routes.</param>
    /// <param name="root">One of the two paths.</param>
    public static byte[] Of(IEnumerable<Endpoint> endpoints, string root)
    {
        var known = Embedded("operations.json");
        var paths = new JsonObject();
        foreach (var route in endpoints.OfType<RouteEndpoint>().Where(route => IsServed(route, root)).OrderBy(route => PathOf(route.RoutePattern), StringComparer.Ordinal))
        {
            var path = PathOf(route.RoutePattern);
            var operations = paths[path] as JsonObject ?? [];
            paths[path] = operations;
            foreach (var method in route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods)
                operations[method.ToLowerInvariant()] = Operation(route, path, method, known);
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = root == AdminPath ? "Flotilla, administration" : "Flotilla", ["version"] = "1", ["description"] = "The OpenAI API from machines that belong to many people." },
            ["security"] = new JsonArray(new JsonObject { ["key"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject { ["key"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" } },
                ["schemas"] = Schemas(isAdmin: root == AdminPath),
            },
        };
        NamedLimits.Fill(document);
        return Encoding.UTF8.GetBytes(document.ToJsonString());
    }

    private static bool IsServed(RouteEndpoint route, string root) =>
        route.RoutePattern.RawText!.StartsWith(root, StringComparison.Ordinal) && route.Metadata.GetMetadata<UnservedRoutes.NotServed>() is null
        && route.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods.Count: > 0 };

    private static string PathOf(RoutePattern pattern) => "/" + string.Join('/', pattern.PathSegments.Select(segment =>
        string.Concat(segment.Parts.Select(part => part is RoutePatternParameterPart named ? $"{{{named.Name}}}" : ((RoutePatternLiteralPart)part).Content))));

    private static JsonObject Operation(RouteEndpoint route, string path, string method, JsonObject known)
    {
        var said = known[$"{method} {path}"];
        var isInference = route.Metadata.GetMetadata<InferenceRoute>() is not null;
        var operation = new JsonObject
        {
            ["summary"] = (string?)said?["summary"] ?? path,
            ["tags"] = new JsonArray((string?)said?["tag"] ?? "More"),
            ["operationId"] = $"{method.ToLowerInvariant()}{path.Replace('/', '_').Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)}",
        };
        JsonNode[] parameters =
        [
            .. route.RoutePattern.Parameters.Select(parameter => Parameter(parameter.Name, "path", new JsonObject { ["type"] = "string" }, isRequired: true)),
            .. Parameters(said?["query"], "query"),
            .. Parameters(isInference ? known[Inference]!["headers"] : null, "header"),
        ];
        if (parameters.Length > 0)
            operation["parameters"] = new JsonArray(parameters);
        if ((string?)said?["request"] is { } request)
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(Json, request) };
        else if ((string?)said?["form"] is { } form)
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(Form, form) };
        operation["responses"] = Responses(path, said, isInference);
        return operation;
    }

    private static JsonObject Responses(string path, JsonNode? said, bool isInference)
    {
        var content = (string?)said?["answer"] is { } answer ? Content(Json, answer) : [];
        if ((string?)said?["events"] is { } events)
            content[Events] = Schema(events);
        if ((string?)said?["bytes"] is { } bytes)
            content[bytes] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string", ["format"] = "binary" } };
        var status = ((int?)said?["status"] ?? StatusCodes.Status200OK).ToString(CultureInfo.InvariantCulture);
        var responses = new JsonObject
        {
            [status] = content.Count == 0
                ? new JsonObject { ["description"] = "It is done." }
                : new JsonObject { ["description"] = "The answer; as events, each of this schema, where a stream is asked for.", ["content"] = content },
        };
        if ((isInference ? "Request" : (string?)said?["accepted"]) is { } accepted)
            responses["202"] = new JsonObject { ["description"] = "The answer comes later: ask for it under result_url.", ["content"] = Content(Json, accepted) };
        var error = (string?)said?["error"] ?? (path.StartsWith(ErrorResponse.AnthropicPath, StringComparison.Ordinal) ? "AnthropicError" : "Error");
        responses["default"] = new JsonObject { ["description"] = "An error; docs/errors.md lists them.", ["content"] = Content(Json, error) };
        return responses;
    }

    private static IEnumerable<JsonObject> Parameters(JsonNode? said, string place) =>
        said is null ? [] : said.AsObject().Select(field => Parameter(field.Key, place, field.Value!.DeepClone(), isRequired: false));

    private static JsonObject Parameter(string name, string place, JsonNode schema, bool isRequired) =>
        new() { ["name"] = name, ["in"] = place, ["required"] = isRequired, ["schema"] = schema };

    private static JsonObject Content(string type, string schema) => new() { [type] = Schema(schema) };

    private static JsonObject Schema(string name) => new() { ["schema"] = new JsonObject { ["$ref"] = SchemaRoot + name } };

    private static JsonObject Schemas(bool isAdmin)
    {
        var schemas = new JsonObject();
        foreach (var resource in typeof(ApiDocument).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(SchemaPrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var name = resource[SchemaPrefix.Length..^SchemaSuffix.Length];
            if (name.StartsWith(AdminSchemas, StringComparison.Ordinal) == isAdmin || Errors.Contains(name))
                schemas[name] = Embedded(resource);
        }

        return schemas;
    }

    private static JsonObject Embedded(string name)
    {
        using var file = typeof(ApiDocument).Assembly.GetManifestResourceStream(name)!;
        return JsonNode.Parse(file)!.AsObject();
    }
}
