using Flotilla.Gateway.Limits;
using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Stages;

/// <summary>From a request to a job: model, fitting nodes, images from elsewhere, limits, hold. A refusal costs nothing and leaves nothing behind.</summary>
internal sealed class Reserve(Namespaces namespaces, Guard guard, Resolve resolve, Dispatch dispatch, Fetch fetch, Hold hold)
{
    /// <summary>The job, which from here on must be settled.</summary>
    /// <param name="http">For its headers and its turn within the limits.</param>
    /// <param name="caller">Who pays.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="asked">Names the request, and perhaps the job.</param>
    public async ValueTask<Result<Reserved>> JobAsync(HttpContext http, Caller caller, InferenceRequest request, RequestFeature asked)
    {
        var notes = namespaces.NotesOn(caller.Namespace);
        if (!notes.Aliases && resolve.IsAlias(request.Model))
            return Resolve.NotFound(request.Model);
        if (guard.Ask(request).Failed(out var notOne, out var posed))
            return notOne;
        request = posed;
        if (fetch.Refuse(request) is { } notFetched)
            return notFetched;
        if (NodeWishes.Of(http.Request.Headers, request, notes.Region).Failed(out var notAWish, out var wishes))
            return notAWish;
        if (resolve.Model(request, wishes).Failed(out var notServed, out var model))
            return notServed;
        if (resolve.Fit(request, model).Failed(out var notAble, out var fitting))
            return notAble;
        if (!ReferenceEquals(request, fitting))
            JobHeaders.FellBack(http.Response, request.Needs.Except(fitting.Needs));
        if (dispatch.Unavailable(fitting, model) is { } nobody)
            return nobody;
        if (await fetch.ImagesAsync(http, fitting) is { } notThere)
            return notThere;
        if (Turn.Of(http)?.Take(Hold.UnitsMax(fitting, model)) is { } tooMany)
            return tooMany;
        if ((await hold.ReserveAsync(asked, caller, fitting, model)).Failed(out var notHeld, out var job))
            return notHeld;
        return new Reserved(fitting, job);
    }
}
