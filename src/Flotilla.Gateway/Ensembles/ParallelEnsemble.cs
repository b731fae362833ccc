using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Ensembles;

/// <summary>Several models at once: held together or not at all, run together, settled each for itself, answered once.</summary>
/// <remarks>
/// A part is settled when its fate is known: that of a race's loser at once, all others when every part has stopped. The client
/// gets its end after that. What a part said and no client can get any more is not charged.
/// </remarks>
internal sealed class ParallelEnsemble(Parts parts, JobHeaders headers, GatewayOptions options, TimeProvider time)
{
    /// <summary>Serves the request to its end.</summary>
    public async Task ServeAsync(HttpContext http, Caller caller, Lineup models)
    {
        List<Part> all = [];
        try
        {
            await ServeAsync(http, caller, models, all);
        }
        finally
        {
            all.ForEach(p => p.Dispose());
        }
    }

    private async Task ServeAsync(HttpContext http, Caller caller, Lineup models, List<Part> all)
    {
        ApiError? refused;
        Rule? rule = null;
        try
        {
            refused = await ReserveAsync(http, caller, models, all);
            if (refused is null)
            {
                headers.Held(http.Response, all[0].Job);
                rule = RuleOf(http, models, all);
                await RunAsync(http, rule, all[..models.Requests.Count], all);
            }
        }
        finally
        {
            (rule as IDisposable)?.Dispose();
            await parts.SettleAsync(http, all);
        }

        if (refused is not null && all.Count > 0)
        {
            // Whoever named the job beforehand learns that the name is used.
            headers.Held(http.Response, all[0].Job);
            headers.Settled(http.Response, all[0].Settled!);
        }

        if (refused is not null)
            await ErrorResponse.WriteAsync(http, refused);
        else if (!http.RequestAborted.IsCancellationRequested)
            await AnswerAsync(http, rule!, models.Requests.Count, all);
    }

    /// <summary>Holds every job, the judge's last. Where one is refused, those before it are given up.</summary>
    private async ValueTask<ApiError?> ReserveAsync(HttpContext http, Caller caller, Lineup models, List<Part> all)
    {
        IEnumerable<InferenceRequest> requests = models.JudgeModel is { } judge ? models.Requests.Append(JudgePrompt.Request(judge, models.Requests[0].Provider)) : models.Requests;
        foreach (var request in requests)
        {
            if ((await parts.ReserveAsync(http, caller, request, all.Count)).Failed(out var refused, out var part))
            {
                all.ForEach(p => p.Delivery.End = DeliveryEnd.Cancelled);
                return refused;
            }

            all.Add(part);
        }

        return null;
    }

    private Rule RuleOf(HttpContext http, Lineup models, List<Part> all)
    {
        var members = all[..models.Requests.Count];
        return models.Strategy switch
        {
            EnsembleStrategy.Race => new Race(http, parts, headers, members),
            EnsembleStrategy.All => new Chorus(http, parts, members),
            EnsembleStrategy.Vote => new Ballot(http, parts, members),
            _ => new Verdict(http, parts, members, all[^1]),
        };
    }

    private async Task RunAsync(HttpContext http, Rule rule, List<Part> members, List<Part> all)
    {
        var started = time.GetTimestamp();
        await Task.WhenAll(members.Select(p => RunAsync(http, p, rule, members.Count)));
        DiscardIfLeft(http, members);
        await rule.DecideAsync(options.JobTimeout - time.GetElapsedTime(started));
        if (!DiscardIfLeft(http, all) && all.Exists(p => p.Delivery.IsDone) && !await CallConnection.TryFinishAsync(http))
            DiscardIfLeft(http, all);
    }

    private async Task RunAsync(HttpContext http, Part part, Rule rule, int count)
    {
        part.Receiver = new PartReceiver(
            part.Request, GatewayLimits.WholeAnswerBytesMax / count, part.Request.Stream ? rule.OutletOf(part) : null, () => part.Request.Stream && rule.Answer is { IsFull: true });
        await parts.RunAsync(part, part.Receiver, options.JobTimeout);
        rule.Ended(part);
        if (!rule.HasLost(part))
            return;
        part.Delivery.Discard();
        await parts.SettleAsync(http, part);
    }

    // A client that left has nothing of what was only kept for it.
    private static bool DiscardIfLeft(HttpContext http, List<Part> members)
    {
        var hasLeft = http.RequestAborted.IsCancellationRequested;
        if (hasLeft)
            members.ForEach(p => p.Delivery.Discard());
        return hasLeft;
    }

    private async ValueTask AnswerAsync(HttpContext http, Rule rule, int answering, List<Part> all)
    {
        var primary = rule.Primary ?? all[0];
        if (!http.Response.HasStarted)
            headers.Held(http.Response, primary.Job);
        headers.Settled(http.Response, primary.Settled!);
        if (rule.Primary is null)
        {
            await ErrorResponse.WriteAsync(http, primary.Delivery.Error);
            return;
        }

        rule.Complete();
        var members = all.Select((p, i) => Parts.Shown(p, i < answering ? Parts.AnswerRole : Parts.JudgeRole, rule.VotesFor(p))).ToList();
        rule.Shown!.Members = members;
        var answer = rule.Answer!;
        await parts.EndAsync(http, ct => primary.IsCompleted ? answer.EndAsync(Parts.Sum(members), ct) : answer.FailAsync(primary.Delivery.Error, ct));
    }
}
