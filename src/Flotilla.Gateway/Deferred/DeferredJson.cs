using System.Text.Json.Serialization;
using Flotilla.Gateway.Endpoints;

namespace Flotilla.Gateway.Deferred;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DeferredView))]
[JsonSerializable(typeof(ListPage<DeferredView>))]
[JsonSerializable(typeof(DeletedView))]
[JsonSerializable(typeof(Dictionary<string, string[]>))]
internal sealed partial class DeferredJson : JsonSerializerContext;
