using Flotilla.Gateway.Responses;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Endpoints;

/// <summary>The front doors to the one pipeline.</summary>
internal sealed class InferenceRoutes(InferencePipeline pipeline, BackgroundResponses responses)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        // Videos have doors of their own: they are always answered later.
        foreach (var dialect in Dialect.All.Where(d => d.Endpoint != InferenceEndpoint.VideoGenerations))
        {
            RequestDelegate run = dialect.Endpoint == InferenceEndpoint.Responses ? responses.RunAsync : http => pipeline.RunAsync(http, dialect.Endpoint);
            if (dialect.ReadsForms)
                InferenceRoute.MapForm(routes, dialect.Path, run);
            else
                InferenceRoute.Map(routes, dialect.Path, run);
        }

        // OpenAI has the plural alone; others, and people, write the singular.
        InferenceRoute.MapForm(routes, "/v1/audio/translation", http => pipeline.RunAsync(http, InferenceEndpoint.Translations));
    }
}
