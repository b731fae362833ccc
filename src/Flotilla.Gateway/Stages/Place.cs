using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Stages;

/// <summary>Whether a request can be served: its model, nodes that fit, and the files in it that are elsewhere. A refusal costs nothing and leaves nothing behind.</summary>
internal sealed class Place(Namespaces namespaces, Guard guard, Resolve resolve, Dispatch dispatch, Fetch fetch)
{
    /// <summary>The request as it can be granted, with all that a node needs.</summary>
    /// <param name="http">For its headers.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="request">What is asked.</param>
    public async ValueTask<Result<Placed>> RequestAsync(HttpContext http, Caller caller, InferenceRequest request)
    {
        var notes = namespaces.NotesOn(caller.Namespace);
        if (!notes.Aliases && resolve.IsAlias(request.Model))
            return Resolve.NotFound(request.Model);
        if (guard.Ask(request).Failed(out var notOne, out var posed))
            return notOne;
        if (fetch.Refuse(posed) is { } notFetched)
            return notFetched;
        if (NodeWishes.Of(http.Request.Headers, posed, notes.Region).Failed(out var notAWish, out var wishes))
            return notAWish;
        if (resolve.Model(posed, wishes).Failed(out var notServed, out var model))
            return notServed;
        if (resolve.Fit(posed, model).Failed(out var notAble, out var fitting))
            return notAble;
        if (!ReferenceEquals(posed, fitting))
            JobHeaders.FellBack(http.Response, posed.Needs.Except(fitting.Needs));
        if (dispatch.Unavailable(fitting, model) is { } nobody)
            return nobody;
        return await fetch.FilesAsync(http, fitting) is { } notThere ? notThere : new Placed(fitting, model);
    }
}
