using System.Text.Json.Serialization;
using Flotilla.Gateway.Endpoints;

namespace Flotilla.Gateway.Videos;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VideoAbout))]
[JsonSerializable(typeof(VideoGenerationView))]
[JsonSerializable(typeof(VideoView))]
[JsonSerializable(typeof(ListPage<VideoGenerationView>))]
[JsonSerializable(typeof(ListPage<VideoView>))]
[JsonSerializable(typeof(DeletedView))]
internal sealed partial class VideoJson : JsonSerializerContext;
