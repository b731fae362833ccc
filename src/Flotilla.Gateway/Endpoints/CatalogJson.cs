using System.Text.Json.Serialization;

namespace Flotilla.Gateway.Endpoints;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CatalogList))]
internal sealed partial class CatalogJson : JsonSerializerContext;
