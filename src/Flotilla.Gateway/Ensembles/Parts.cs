using Flotilla.Core;
using Flotilla.Gateway.Answers;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Limits;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Ensembles;

/// <summary>What every ensemble does with its parts: reserve, run, settle, answer.</summary>
internal sealed class Parts(Reserve reserve, Dispatch dispatch, Settle settle, IIdSource ids, TimeProvider time)
{
    /// <summary>The role of a model whose answer may be given.</summary>
    public const string AnswerRole = "answer";

    /// <summary>The role of a model that chooses among answers.</summary>
    public const string JudgeRole = "judge";

    /// <summary>Reserves the job of one model.</summary>
    /// <param name="http">The client's request.</param>
    /// <param name="caller">Who pays.</param>
    /// <param name="request">What this model is asked.</param>
    /// <param name="place">Which of the models it is, from 0: gives its job an id where the call's was named beforehand.</param>
    public async ValueTask<Result<Part>> ReserveAsync(HttpContext http, Caller caller, InferenceRequest request, int place)
    {
        var asked = RequestFeature.Of(http);
        if (asked.Call is { Job: { } named } call)
            asked = asked with { Call = call with { Job = CallJobs.At(named, place) } };
        return (await reserve.JobAsync(http, caller, request, asked)).Failed(out var refused, out var reserved)
            ? refused
            : new Part(reserved, http.RequestAborted);
    }

    /// <summary>Runs the part to one of its ends.</summary>
    public Task RunAsync(Part part, IReceiver receiver, TimeSpan within) =>
        dispatch.DeliverAsync(part.Job.Id, part.Job.Model, part.Asked, receiver, part.Delivery, within, part.Stopped);

    /// <summary>Settles whatever is not settled yet; none of them runs any more. Can't be cancelled.</summary>
    public async Task SettleAsync(HttpContext http, params IEnumerable<Part> parts) =>
        await Task.WhenAll(parts.Where(p => p.Settled is null).Select(p => SettleAsync(http, p)));

    /// <summary>An answer to the client, streamed or whole as it was asked.</summary>
    public IAnswer Open(HttpContext http, TextInference request, string model, EnsembleAnswer? shown = null, FramesTaken? frames = null)
    {
        var head = new AnswerHead(ids.Next(Dialect.Of(request.Endpoint).IdPrefix), time.GetUtcNow().ToUnixTimeSeconds(), model, ids, shown) { Frames = frames };
        return request.Stream ? new StreamAnswer(http, request, head, keep: null) : new WholeAnswer(http, request, head, keep: null);
    }

    /// <summary>Writes the end of an answer; everything is settled by now.</summary>
    public async ValueTask EndAsync(HttpContext http, Func<CancellationToken, ValueTask> end)
    {
        using var patience = new Patience(GatewayLimits.SlowReaderTimeout, GatewayLimits.SlowReaderTimeout, time, http.RequestAborted);
        try
        {
            await end(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // The client left, or stopped reading, between the settlement and the last bytes, and nobody came back: there is nobody to tell.
            http.Abort();
        }
    }

    /// <summary>A settled part, as the client is shown it.</summary>
    public static EnsembleMember Shown(Part part, string role = AnswerRole, int? votes = null) => new(
        role, part.Job.Model.Name, part.Job.Id.Value, part.Delivery.End.ToString().ToLowerInvariant(), part.Settled!.Usage, part.Settled.Charge,
        part.Delivery.End == DeliveryEnd.Failed ? part.Delivery.Error : null, votes);

    /// <summary>A model that was refused before it had a job.</summary>
    public static EnsembleMember Refused(string model, ApiError error) => new(AnswerRole, model, null, "refused", new Usage(), Credits.Zero, error);

    /// <summary>What all of them used.</summary>
    public static Usage Sum(IEnumerable<EnsembleMember> members)
    {
        var sum = new Usage();
        foreach (var usage in members.Select(m => m.Usage))
        {
            sum.PromptTokens = checked(sum.PromptTokens + usage.PromptTokens);
            sum.CachedTokens = checked(sum.CachedTokens + usage.CachedTokens);
            sum.CompletionTokens = checked(sum.CompletionTokens + usage.CompletionTokens);
            sum.ReasoningTokens = checked(sum.ReasoningTokens + usage.ReasoningTokens);
        }

        return sum;
    }

    private async Task SettleAsync(HttpContext http, Part part)
    {
        var settled = await settle.ResolveAsync(part.Job, part.Delivery);
        part.Settled = settled;
        Turn.Of(http)?.Used(settled.Usage.PromptTokens + settled.Usage.CompletionTokens);
    }
}
