using Flotilla.Core;
using Flotilla.Gateway.Calls;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway;

/// <summary>What the gateway knows of every HTTP request from its first moment.</summary>
/// <param name="Id">Shown as <c>x-request-id</c>.</param>
/// <param name="Started">Timestamp of the clock, for <c>openai-processing-ms</c>.</param>
internal sealed record RequestFeature(RequestId Id, long Started)
{
    /// <summary>Where the gateway asks itself: the call. Null for a request from a socket.</summary>
    public InternalCall? Call { get; init; }

    /// <summary>The feature that <see cref="RequestMiddleware"/> has set.</summary>
    public static RequestFeature Of(HttpContext http) => http.Features.Get<RequestFeature>()!;
}
