using System.Text.Json.Serialization;

namespace Flotilla.Gateway.Endpoints;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DataView<CreditsView>))]
[JsonSerializable(typeof(DataView<KeyView>))]
[JsonSerializable(typeof(DataView<GenerationView>))]
[JsonSerializable(typeof(PageView<UsageView>))]
[JsonSerializable(typeof(PageView<JobView>))]
internal sealed partial class AccountJson : JsonSerializerContext;
