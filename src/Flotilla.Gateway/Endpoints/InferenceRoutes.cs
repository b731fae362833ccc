using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Endpoints;

/// <summary>The front doors to the one pipeline.</summary>
internal sealed class InferenceRoutes(InferencePipeline pipeline)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/chat/completions", http => pipeline.RunAsync(http, InferenceEndpoint.ChatCompletions));
        routes.MapPost("/v1/completions", http => pipeline.RunAsync(http, InferenceEndpoint.Completions));
        routes.MapPost("/v1/responses", http => pipeline.RunAsync(http, InferenceEndpoint.Responses));
        routes.MapPost(ErrorResponse.AnthropicPath, http => pipeline.RunAsync(http, InferenceEndpoint.Messages));
    }
}
