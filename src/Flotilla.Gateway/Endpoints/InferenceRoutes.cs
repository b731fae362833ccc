using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Endpoints;

/// <summary>The front doors to the one pipeline.</summary>
internal sealed class InferenceRoutes(InferencePipeline pipeline)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var dialect in Dialect.All)
            InferenceRoute.Map(routes, dialect.Path, http => pipeline.RunAsync(http, dialect.Endpoint));
    }
}
