using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Flotilla.Testing.Api;

/// <summary>What a gateway's OpenAPI document says of every answer.</summary>
public sealed class ApiContract
{
    private const string Json = "application/json";
    private const string AnthropicPath = "/v1/messages";
    private readonly Route[] _routes;

    /// <summary>Reads a document; it must live as long as this.</summary>
    public ApiContract(JsonElement document)
    {
        Document = document;
        _routes =
        [
            .. from path in document.GetProperty("paths").EnumerateObject()
               from operation in path.Value.EnumerateObject()
               // What is longer, or has fewer holes, is the more special.
               orderby path.Name.Split('/').Length descending, path.Name.Count(c => c == '{')
               select new Route($"{operation.Name.ToUpperInvariant()} {path.Name}", Pattern(operation.Name, path.Name), operation.Value),
        ];
    }

    /// <summary>The document.</summary>
    public JsonElement Document { get; }

    /// <summary>Its operations, such as <c>GET /v1/files/{id}</c>.</summary>
    public IEnumerable<(string Name, JsonElement Operation)> Operations => _routes.Select(route => (route.Name, route.Operation));

    /// <summary>Every answer that the document has, errors aside, as <see cref="Expectation.Answer"/>.</summary>
    public IEnumerable<string> Answers =>
        from route in _routes
        from response in route.Operation.GetProperty("responses").EnumerateObject()
        where response.Name != "default"
        from content in response.Value.TryGetProperty("content", out var contents) ? contents.EnumerateObject().Select(one => one.Name) : [response.Name]
        select $"{route.Name} {(response.Name == "202" ? response.Name : content)}";

    /// <summary>What an answer must be.</summary>
    /// <param name="method">Of the request.</param>
    /// <param name="path">Of the request, without its query.</param>
    /// <param name="status">Of the answer.</param>
    /// <param name="mediaType">Of the answer.</param>
    public Expectation Expect(string method, string path, int status, string? mediaType)
    {
        const int ErrorMin = 400;
        const int Accepted = 202;
        var route = Array.Find(_routes, one => one.Pattern.IsMatch($"{method} {path}"));
        var name = route?.Name ?? $"{method} {path}";
        if (status >= ErrorMin)
        {
            if (mediaType != Json)
                return new Expectation(name, Fault: $"an error in {mediaType ?? "no type"}, not in {Json}");
            return new Expectation(name, route is null
                ? SchemaCheck.Named(Document, path.StartsWith(AnthropicPath, StringComparison.Ordinal) ? "AnthropicError" : "Error")
                : Content(route.Operation, "default").GetProperty(Json).GetProperty("schema"));
        }

        if (route is null)
            return new Expectation(name, Fault: "an answer of an operation that the document does not have");
        var said = status.ToString(CultureInfo.InvariantCulture);
        var isSaid = route.Operation.GetProperty("responses").TryGetProperty(said, out var response);
        // An answer without a body has no schema.
        if (isSaid && !response.TryGetProperty("content", out _))
            return new Expectation($"{name} {said}", Fault: mediaType is null ? null : $"an answer in {mediaType} where none is to be");
        var isAccepted = status == Accepted && isSaid;
        if (!isSaid && !route.Operation.GetProperty("responses").TryGetProperty("200", out _))
            return new Expectation(name, Fault: $"the status {status}, which the document does not have");
        // Of a part (206) the document says what it says of the whole.
        var content = Content(route.Operation, isSaid ? said : "200").EnumerateObject().FirstOrDefault(one => Fits(one.Name, mediaType));
        if (content.Value.ValueKind == JsonValueKind.Undefined)
            return new Expectation(name, Fault: $"an answer in {mediaType ?? "no type"}, which the document does not have");
        var schema = content.Value.GetProperty("schema");
        return new Expectation($"{name} {(isAccepted ? "202" : content.Name)}", schema.TryGetProperty("format", out _) ? null : schema);
    }

    /// <summary>Where and why a value is not what a schema says; null where it is.</summary>
    public string? Fault(JsonElement schema, JsonElement value) => SchemaCheck.Fault(Document, schema, value);

    /// <summary>Where and why a value is not what the schema of this name says; null where it is.</summary>
    public string? Fault(string schema, JsonElement value) => Fault(SchemaCheck.Named(Document, schema), value);

    private static JsonElement Content(JsonElement operation, string status) => operation.GetProperty("responses").GetProperty(status).GetProperty("content");

    private static bool Fits(string pattern, string? mediaType) => mediaType is not null
        && (pattern == "*/*" || pattern == mediaType || (pattern.EndsWith("/*", StringComparison.Ordinal) && mediaType.StartsWith(pattern[..^1], StringComparison.Ordinal)));

    private static Regex Pattern(string method, string path)
    {
        var segments = path.Split('/').Select(segment => segment.StartsWith('{') ? "[^/]+" : Regex.Escape(segment)).ToArray();
        // A model's name may have slashes, and stands last.
        if (segments[^1] == "[^/]+")
            segments[^1] = ".+";
        return new Regex($"^{method.ToUpperInvariant()} {string.Join('/', segments)}$", RegexOptions.CultureInvariant);
    }

    /// <summary>What an answer must be.</summary>
    /// <param name="Answer">Which of the document's answers it is, such as <c>GET /v1/files application/json</c>; of an acceptance the type is <c>202</c>.</param>
    /// <param name="Schema">Of a JSON answer, or of each event of a stream; null for bytes.</param>
    /// <param name="Fault">Why there is no such answer; null where there is.</param>
    public sealed record Expectation(string Answer, JsonElement? Schema = null, string? Fault = null);

    private sealed record Route(string Name, Regex Pattern, JsonElement Operation);
}
