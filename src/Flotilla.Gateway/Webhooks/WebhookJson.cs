using System.Text.Json.Serialization;
using Flotilla.Gateway.Endpoints;

namespace Flotilla.Gateway.Webhooks;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WebhookView))]
[JsonSerializable(typeof(ListPage<WebhookView>))]
[JsonSerializable(typeof(DeliveryView))]
[JsonSerializable(typeof(ListPage<DeliveryView>))]
[JsonSerializable(typeof(DeletedView))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class WebhookJson : JsonSerializerContext;
