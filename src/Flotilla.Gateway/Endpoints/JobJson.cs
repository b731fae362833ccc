using System.Text.Json.Serialization;

namespace Flotilla.Gateway.Endpoints;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(JobView))]
internal sealed partial class JobJson : JsonSerializerContext;
