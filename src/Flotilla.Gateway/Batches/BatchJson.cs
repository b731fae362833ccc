using System.Text.Json.Serialization;
using Flotilla.Gateway.Endpoints;

namespace Flotilla.Gateway.Batches;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BatchView))]
[JsonSerializable(typeof(ListPage<BatchView>))]
[JsonSerializable(typeof(List<BatchFault>))]
internal sealed partial class BatchJson : JsonSerializerContext;
