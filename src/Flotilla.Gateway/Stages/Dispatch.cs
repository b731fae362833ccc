using Flotilla.Core;
using Flotilla.Gateway.Answers;
using Flotilla.Gateway.Nodes;
using Flotilla.Gateway.Telemetry;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Stages;

/// <summary>Gives the job to a node and relays what it says; asks another node as long as the client has seen nothing.</summary>
/// <remarks>
/// Never retried after the first byte reached the client. The caller settles: nothing here touches money, and whatever is
/// thrown leaves <see cref="Delivery"/> saying how far the job came.
/// </remarks>
internal sealed class Dispatch(
    NodeDirectory nodes, INodePicker picker, TrackRecords records, Relay relay, GatewayOptions options, IIdSource ids, TimeProvider time, ILogger<Dispatch> log)
{
    private static readonly HashSet<NodeId> NoNodes = [];

    /// <summary>Brings the job to one of its ends; the answer is complete but for its last bytes.</summary>
    /// <param name="job">Its id; where money is held for it, the caller settles.</param>
    /// <param name="model">The model that was resolved for it.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="answer">Takes what the node says.</param>
    /// <param name="delivery">Says afterwards how far the job came.</param>
    /// <param name="within">Time that the job has in all.</param>
    /// <param name="aborted">Whoever waits has left.</param>
    public async Task DeliverAsync(JobId job, ResolvedModel model, InferenceRequest request, IReceiver answer, Delivery delivery, TimeSpan within, CancellationToken aborted)
    {
        using var patience = new Patience(options.FirstEventTimeout, within, time, aborted);
        delivery.Seed = request.Seed ?? DrawSeed();
        var spec = Spec(job, model, request, delivery);
        var tried = Unable(request, model);
        for (uint attempt = 1; attempt <= model.Wishes.AttemptsMax; attempt++)
        {
            if (picker.Pick(nodes.Snapshot, model.Name, model.Wishes, tried) is not { } node)
            {
                if (attempt == 1)
                    delivery.Error = NobodyFree(model);
                return;
            }

            delivery.Begin(node, attempt);
            if (!await AttemptAsync(model, spec with { Attempt = attempt, Deadline = patience.Left }, node, answer, delivery, patience))
                return;
            tried = [.. tried, node.Id];
            answer.Restart();
        }
    }

    /// <summary>Why nobody could take a job now; null where somebody could. Asked before a hold too, so that overload writes nothing.</summary>
    public ApiError? Unavailable(InferenceRequest request, ResolvedModel model) =>
        picker.Pick(nodes.Snapshot, model.Name, model.Wishes, Unable(request, model)) is null ? NobodyFree(model) : null;

    /// <summary>The nodes that serve the model without what the request needs.</summary>
    private HashSet<NodeId> Unable(InferenceRequest request, ResolvedModel model)
    {
        var fleet = nodes.Snapshot;
        var offers = fleet.Offers(model.Name);
        return offers.All(o => Fit.Has(o, request)) ? NoNodes : [.. fleet.Serving(model.Name).Where((_, i) => !Fit.Has(offers[i], request)).Select(n => n.Id)];
    }

    private ApiError NobodyFree(ResolvedModel model)
    {
        var fleet = nodes.Snapshot;
        if (fleet.Serving(model.Name).Length == 0)
            return Resolve.NoNode(model.Name);
        return fleet.Offers(model.Name, model.Wishes).Count() is var allowed and > 0 ? Resolve.Busy(model.Name, allowed) : Resolve.NoneAllowed(model.Name, fleet, model.Wishes);
    }

    /// <returns>Whether another node should be asked.</returns>
    private async ValueTask<bool> AttemptAsync(ResolvedModel model, JobSpec spec, NodeSession node, IReceiver answer, Delivery delivery, Patience patience)
    {
        await using var attempt = node.Start(spec);
        var started = time.GetTimestamp();
        AttemptItem end;
        try
        {
            end = await relay.PumpAsync(attempt, answer, delivery.Meter, patience);
        }
        catch (OperationCanceledException) when (patience.Token.IsCancellationRequested)
        {
            delivery.End = patience.ClientLeft ? DeliveryEnd.Cancelled : DeliveryEnd.Failed;
            delivery.Error = new ApiError(ApiErrorCode.Timeout, "The job took longer than this gateway waits. What you received is charged, nothing else.");
            attempt.Cancel(patience.ClientLeft ? "the client left" : "time is over");
            if (!patience.ClientLeft && patience.ForNode)
                records.Of(node.Id).Failed();
            await TakeLastWordAsync(attempt, delivery);
            return false;
        }

        if (!end.IsLast && answer.TryCut())
        {
            await CutAsync(attempt, delivery);
            return false;
        }

        if (!end.IsLast)
            end = new AttemptItem.Lost(LostReason.ProtocolViolation, $"an answer of more than {GatewayLimits.WholeAnswerBytesMax} bytes");
        if (end is AttemptItem.Done { Frame.Cancelled: false } && await answer.LieAsync() is { } lie)
            end = new AttemptItem.Lost(LostReason.ProtocolViolation, lie);
        Record(end, spec, node, started, delivery.Meter);
        switch (end)
        {
            case AttemptItem.Done { Frame.Cancelled: false } done:
                delivery.Sign(done, node);
                if (answer.Fault is { } fault)
                    (delivery.Error, delivery.IsInVain) = (fault, true);
                else
                    delivery.End = DeliveryEnd.Completed;
                return false;
            case AttemptItem.Failed failed:
                delivery.Error = NodeErrors.From(failed.Frame);
                return (failed.Frame.Retryable || FitsElsewhere(model, node, failed.Frame)) && MayRetry(spec, node, answer, failed.Frame.Code.ToString());
            case AttemptItem.Rejected rejected:
                delivery.Error = NodeErrors.From(rejected.Frame, spec.Model);
                return MayRetry(spec, node, answer, rejected.Frame.Reason.ToString());
            case AttemptItem.Lost lost:
                delivery.Error = NodeErrors.Lost();
                return MayRetry(spec, node, answer, lost.Reason.ToString());
            default:
                delivery.Error = NodeErrors.Lost();
                return false;
        }
    }

    /// <summary>The answer is as long as one may be: the node is stopped, and what was said is the answer, and charged.</summary>
    private async ValueTask CutAsync(JobAttempt attempt, Delivery delivery)
    {
        delivery.Meter.Cut();
        attempt.Cancel("the answer is as long as one may be");
        await TakeLastWordAsync(attempt, delivery);
        delivery.End = DeliveryEnd.Completed;
    }

    /// <summary>What the attempt tells of the node; a request that could not be served is no fault of it.</summary>
    private void Record(AttemptItem end, JobSpec spec, NodeSession node, long started, Meter meter)
    {
        switch (end)
        {
            case AttemptItem.Done { Frame.Cancelled: false }:
                // Of a gathered answer the first token may come late by design.
                TimeSpan? firstToken = !spec.Gather && meter.FirstTokenAt is { } at ? time.GetElapsedTime(started, at) : null;
                var seconds = time.GetElapsedTime(started).TotalSeconds;
                double? speed = meter.Tokens >= NodeLimits.PaceTokensMin && seconds > 0 ? meter.Tokens / seconds : null;
                records.Succeeded(node.Id, spec.Model, firstToken, speed);
                break;
            case AttemptItem.Failed { Frame.Code: Failed.Types.Code.ContextLength or Failed.Types.Code.InvalidRequest or Failed.Types.Code.Unsupported or Failed.Types.Code.ToolChoice }:
            case AttemptItem.Rejected { Frame.Reason: Rejected.Types.Reason.Busy or Rejected.Types.Reason.Unsupported }:
            case AttemptItem.Lost { Reason: LostReason.NotOffered or LostReason.Revoked or LostReason.GatewayStopping or LostReason.Cancelled }:
                break;
            default:
                records.Of(node.Id).Failed();
                break;
        }
    }

    private bool FitsElsewhere(ResolvedModel model, NodeSession node, Failed failed) =>
        failed.Code == Failed.Types.Code.ContextLength && node.Offer(model.Name) is { } offer
        && nodes.Snapshot.Offers(model.Name, model.Wishes).Any(o => o.ContextTokens > offer.ContextTokens);

    private bool MayRetry(JobSpec spec, NodeSession node, IReceiver answer, string why)
    {
        if (answer.Begun)
            return false;
        log.AttemptGivenUp(spec.Job.Value, spec.Attempt, node.Id.Value, why);
        return true;
    }

    /// <summary>A cancelled node answers with its signed count; the receipt is better with it, and complete without.</summary>
    private async ValueTask TakeLastWordAsync(JobAttempt attempt, Delivery delivery)
    {
        using var limit = new CancellationTokenSource(GatewayLimits.CancelledDoneTimeout, time);
        try
        {
            AttemptItem item;
            do
                item = await attempt.ReadAsync(limit.Token);
            while (!item.IsLast);
            if (item is AttemptItem.Done done)
                delivery.Sign(done, delivery.Node!);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            log.NoLastWord(delivery.Node!.Id.Value);
        }
    }

    private JobSpec Spec(JobId job, ResolvedModel model, InferenceRequest request, Delivery delivery)
    {
        ids.Fill(delivery.Salt);
        if (request is TextInference { Work: { Chat: not null } work })
            work.NowUnixMs = DayOf(time.GetUtcNow().ToUnixTimeMilliseconds());
        var shape = request.Kind.Shape(request.Message);
        delivery.Choices = shape.Choices;
        return new JobSpec(
            job, 0, model.Name, request.Kind, shape, request.Message.ToByteArray(), delivery.Seed, delivery.Salt, options.JobTimeout,
            Gather: !request.Stream, Namespace: delivery.Asking);
    }

    // A day and no moment: prompts of one day begin alike, so that what was computed for one serves the next.
    private static ulong DayOf(long unixMs) => (ulong)(unixMs - (unixMs % (long)TimeSpan.FromDays(1).TotalMilliseconds));

    private ulong DrawSeed()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        ids.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }
}
