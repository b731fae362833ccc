using Flotilla.Gateway.Responses;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Endpoints;

/// <summary>The front doors to the one pipeline.</summary>
internal sealed class InferenceRoutes(InferencePipeline pipeline, BackgroundResponses responses)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var dialect in Dialect.All)
        {
            InferenceRoute.Map(routes, dialect.Path, http => dialect.Endpoint == InferenceEndpoint.Responses
                ? responses.RunAsync(http)
                : pipeline.RunAsync(http, dialect.Endpoint));
        }
    }
}
