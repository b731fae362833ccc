using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Ensembles;

/// <summary>One model after the other, until one answers: the next is asked as long as the client has not seen a byte.</summary>
internal sealed class FallbackEnsemble(Parts parts, JobHeaders headers, GatewayOptions options, TimeProvider time)
{
    /// <summary>Serves the request to its end. Where nobody answers, the client is told why its first model did not.</summary>
    public async Task ServeAsync(HttpContext http, Caller caller, Lineup models)
    {
        List<EnsembleMember> members = [];
        ApiError? first = null;
        var started = time.GetTimestamp();
        foreach (var request in models.Requests)
        {
            var left = options.JobTimeout - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || http.RequestAborted.IsCancellationRequested)
                break;
            if ((await parts.ReserveAsync(http, caller, request, members.Count)).Failed(out var refused, out var part))
            {
                members.Add(Parts.Refused(request.Model, refused));
                first ??= refused;
                continue;
            }

            using (part)
            {
                if (await AnswerAsync(http, part, members, left))
                    return;
                first ??= part.Delivery.Error;
            }
        }

        if (first is not null)
            await ErrorResponse.WriteAsync(http, first);
    }

    /// <returns>Whether the request is answered, or nobody waits any more.</returns>
    private async Task<bool> AnswerAsync(HttpContext http, Part part, List<EnsembleMember> members, TimeSpan within)
    {
        var shown = new EnsembleAnswer(EnsembleStrategy.Fallback, [.. Enumerable.Repeat(part.Job.Model.Name, part.Request.ChoicesTotal)]);
        var answer = parts.Open(http, part.Request, part.Job.Model.Name, shown);
        try
        {
            headers.Held(http.Response, part.Job);
            await parts.RunAsync(part, answer, within);
            if (part.Delivery.IsDone && !await CallConnection.TryFinishAsync(http))
                part.Delivery.Discard();
        }
        finally
        {
            await parts.SettleAsync(http, part);
        }

        members.Add(Parts.Shown(part));
        headers.Settled(http.Response, part.Settled!);
        switch (part.Delivery.End)
        {
            case DeliveryEnd.Completed:
                shown.Members = members;
                await parts.EndAsync(http, ct => answer.EndAsync(Parts.Sum(members), ct));
                return true;
            case DeliveryEnd.Failed when answer.Begun:
                await parts.EndAsync(http, ct => answer.FailAsync(part.Delivery.Error, ct));
                return true;
            default:
                return part.Delivery.End == DeliveryEnd.Cancelled;
        }
    }
}
