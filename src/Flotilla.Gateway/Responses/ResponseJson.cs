using System.Text.Json;
using System.Text.Json.Serialization;
using Flotilla.Gateway.Endpoints;

namespace Flotilla.Gateway.Responses;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ListPage<JsonElement>))]
[JsonSerializable(typeof(DeletedView))]
internal sealed partial class ResponseJson : JsonSerializerContext;
