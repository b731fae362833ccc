using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Endpoints;

/// <summary>Marks a route that does work for money, so that what holds for all of these is done in one place: deferral, for one.</summary>
/// <param name="BodyBytesMax">Longest body.</param>
internal sealed record InferenceRoute(long BodyBytesMax = GatewayLimits.BodyBytesMax)
{
    private static readonly InferenceRoute Json = new();
    private static readonly InferenceRoute Form = new(OpenAiLimits.FormBytesMax);

    /// <summary>Maps a route that takes a JSON body.</summary>
    public static IEndpointConventionBuilder Map(IEndpointRouteBuilder routes, string path, RequestDelegate handler) =>
        routes.MapPost(path, handler).WithMetadata(Json);

    /// <summary>Maps a route that takes a form.</summary>
    public static IEndpointConventionBuilder MapForm(IEndpointRouteBuilder routes, string path, RequestDelegate handler) =>
        routes.MapPost(path, handler).WithMetadata(Form);
}
