using Flotilla.Core;
using Flotilla.Gateway.Answers;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Ensembles;
using Flotilla.Gateway.Limits;
using Flotilla.Gateway.Responses;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway;

/// <summary>The life of a request, top to bottom; docs/life-of-a-request.md tells it in words.</summary>
/// <remarks>
/// Control flow lives here, stages are leaves. From the hold on, every way out leads through the settlement exactly once,
/// and the client gets the end of its answer only after the settlement is durable.
/// </remarks>
internal sealed class InferencePipeline(
    DrainGate gate,
    Authenticate authenticate,
    Roll roll,
    Reserve reserve,
    Dispatch dispatch,
    Settle settle,
    FallbackEnsemble fallback,
    ParallelEnsemble parallel,
    FramesFirst framesFirst,
    JobHeaders headers,
    ResponseKeeper responses,
    GatewayOptions options,
    IIdSource ids,
    TimeProvider time)
{
    /// <summary>Serves one request to its end.</summary>
    public async Task RunAsync(HttpContext http, InferenceEndpoint endpoint)
    {
        if (!gate.TryEnter(RequestFeature.Of(http).Call is not null))
        {
            await ErrorResponse.WriteAsync(http, Draining());
            return;
        }

        try
        {
            await ServeAsync(http, endpoint);
        }
        finally
        {
            gate.Leave();
        }
    }

    private async Task ServeAsync(HttpContext http, InferenceEndpoint endpoint)
    {
        // 1 Authenticate, 2 Read; Limit stands before the routes.
        if (authenticate.IdentifyCaller(http).Failed(out var refusal, out var caller)
            || (await Read.RequestAsync(http, endpoint)).Failed(out refusal, out var request)
            || responses.Recall(request, caller).Failed(out refusal, out request)
            || roll.Call(request).Failed(out refusal, out var models))
        {
            await ErrorResponse.WriteAsync(http, refusal);
            return;
        }

        // Several models are several jobs, each on the same stages.
        if (models.Requests is [TextInference { Frames: not null } aboutVideo])
            await framesFirst.ServeAsync(http, caller, aboutVideo);
        else if (models.Requests.Count == 1)
            await ServeAsync(http, caller, models.Requests[0]);
        else if (models.Strategy == EnsembleStrategy.Fallback)
            await fallback.ServeAsync(http, caller, models);
        else
            await parallel.ServeAsync(http, caller, models);
    }

    private async Task ServeAsync(HttpContext http, Caller caller, InferenceRequest asked)
    {
        // 3 Resolve, 4 Hold: a refusal here costs nothing and leaves nothing behind.
        if ((await reserve.JobAsync(http, caller, asked, RequestFeature.Of(http))).Failed(out var refusal, out var reserved))
        {
            await ErrorResponse.WriteAsync(http, refusal);
            return;
        }

        var (request, job) = reserved;
        var delivery = new Delivery { Asking = job.Hold.Namespace };
        IAnswer answer;
        Settled settled;
        try
        {
            headers.Held(http.Response, job);
            answer = Answer(http, request, job);
            // 5 Place, 6 Dispatch, 7 Relay: other nodes may be asked until the client has seen a byte.
            await dispatch.DeliverAsync(job.Id, job.Model, request, answer, delivery, options.JobTimeout, http.RequestAborted);
            if (delivery.IsDone && !await CallConnection.TryFinishAsync(http))
                delivery.Discard();
        }
        finally
        {
            // 8 Settle: whatever happened above. It can't be cancelled.
            settled = await settle.ResolveAsync(job, delivery);
        }

        Turn.Of(http)?.Used(settled.Usage.PromptTokens + settled.Usage.CompletionTokens);
        headers.Settled(http.Response, settled);
        await EndAsync(http, answer, delivery, settled);
    }

    private IAnswer Answer(HttpContext http, InferenceRequest request, HeldJob job) => request switch
    {
        VideoInference => new VideoAnswer(http, RequestFeature.Of(http).Call?.AnswerFile ?? throw new InvalidOperationException("A video is made for a request that is kept, and for no other.")),
        { Stream: true } => new StreamAnswer(http, request, Head(http, request, job), responses.For(request, job)),
        _ => new WholeAnswer(http, request, Head(http, request, job), responses.For(request, job)),
    };

    private AnswerHead Head(HttpContext http, InferenceRequest request, HeldJob job)
    {
        // The client of a response in the background has its id already.
        var id = request is TextInference { Response.Background: true } ? BackgroundResponses.IdOf(RequestFeature.Of(http).Id) : ids.Next(Dialect.Of(request.Endpoint).IdPrefix);
        return new AnswerHead(id, time.GetUtcNow().ToUnixTimeSeconds(), job.Model.Name, ids);
    }

    private async ValueTask EndAsync(HttpContext http, IAnswer answer, Delivery delivery, Settled settled)
    {
        using var patience = new Patience(GatewayLimits.SlowReaderTimeout, GatewayLimits.SlowReaderTimeout, time, http.RequestAborted);
        try
        {
            switch (delivery.End)
            {
                case DeliveryEnd.Completed:
                    await answer.EndAsync(settled.Usage, patience.Token);
                    break;
                case DeliveryEnd.Failed:
                    await answer.FailAsync(delivery.Error, patience.Token);
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            // The client left, or stopped reading, between the settlement and the last bytes, and nobody came back: there is nobody to tell.
            http.Abort();
        }
    }

    /// <summary>What a request is told that comes too late.</summary>
    public static ApiError Draining() =>
        new(ApiErrorCode.Overloaded, "This gateway is about to stop. Try again; another one may answer.", RetryAfterSeconds: GatewayLimits.RetryAfterSeconds);
}
