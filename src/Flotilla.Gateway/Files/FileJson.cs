using System.Text.Json.Serialization;
using Flotilla.Gateway.Endpoints;

namespace Flotilla.Gateway.Files;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(FileView))]
[JsonSerializable(typeof(ListPage<FileView>))]
[JsonSerializable(typeof(DeletedView))]
internal sealed partial class FileJson : JsonSerializerContext;
