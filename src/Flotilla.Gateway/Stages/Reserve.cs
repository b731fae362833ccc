using Flotilla.Gateway.Limits;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Stages;

/// <summary>From a request to a job: its place, limits, hold. A refusal costs nothing and leaves nothing behind.</summary>
internal sealed class Reserve(Place place, Hold hold)
{
    /// <summary>The job, which from here on must be settled.</summary>
    /// <param name="http">For its headers and its turn within the limits.</param>
    /// <param name="caller">Who pays.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="asked">Names the request, and perhaps the job.</param>
    public async ValueTask<Result<Reserved>> JobAsync(HttpContext http, Caller caller, InferenceRequest request, RequestFeature asked)
    {
        if ((await place.RequestAsync(http, caller, request)).Failed(out var notPlaced, out var placed))
            return notPlaced;
        var (fitting, model) = placed;
        if (Turn.Of(http)?.Take(Hold.UnitsMax(fitting, model)) is { } tooMany)
            return tooMany;
        if ((await hold.ReserveAsync(asked, caller, fitting, model)).Failed(out var notHeld, out var job))
            return notHeld;
        return new Reserved(fitting, job);
    }
}
