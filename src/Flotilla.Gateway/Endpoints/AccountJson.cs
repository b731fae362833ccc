using System.Text.Json.Serialization;

namespace Flotilla.Gateway.Endpoints;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DataView<CreditsView>))]
[JsonSerializable(typeof(DataView<KeyView>))]
[JsonSerializable(typeof(DataView<GenerationView>))]
[JsonSerializable(typeof(ListPage<UsageView>))]
[JsonSerializable(typeof(ListPage<JobView>))]
internal sealed partial class AccountJson : JsonSerializerContext;
