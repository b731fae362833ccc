using Flotilla.Gateway.Answers;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Nodes;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Ensembles;

/// <summary>A request about a video: one model takes frames of it, another one, which sees, is asked about them.</summary>
/// <remarks>Two jobs, each with its hold and its receipt, both held before the first begins. Frames that no answer came of are not charged.</remarks>
internal sealed class FramesFirst(Place place, Parts parts, NodeDirectory nodes, Namespaces namespaces, JobHeaders headers, GatewayOptions options, TimeProvider time)
{
    /// <summary>Serves the request to its end.</summary>
    public async Task ServeAsync(HttpContext http, Caller caller, TextInference asked)
    {
        if (!namespaces.NotesOn(caller.Namespace).Videos)
        {
            await ErrorResponse.WriteAsync(http, Namespaces.NoVideos());
            return;
        }

        // A model that cannot be asked is told of before anything is fetched or held.
        if ((await place.RequestAsync(http, caller, asked)).Failed(out var refused, out _) || (await ReserveAsync(http, caller, asked.Frames!)).Failed(out refused, out var frames))
        {
            await ErrorResponse.WriteAsync(http, refused);
            return;
        }

        using (frames)
            await ServeAsync(http, caller, asked, frames);
    }

    private async Task ServeAsync(HttpContext http, Caller caller, TextInference asked, Part frames)
    {
        ApiError? error;
        Part? text = null;
        IAnswer? answer = null;
        try
        {
            // After the frames, whose price is known: what is said of them may cost whatever is left.
            if ((await parts.ReserveAsync(http, caller, asked, place: 0)).Failed(out error, out text))
                frames.Delivery.End = DeliveryEnd.Cancelled;
            else if (((answer, error) = await RunAsync(http, frames, text)) is (_, not null))
                text.Delivery.End = DeliveryEnd.Cancelled;
        }
        finally
        {
            if (text is not { IsCompleted: true })
                frames.Delivery.Discard();
            await parts.SettleAsync(http, text is null ? [frames] : [text, frames]);
            text?.Dispose();
        }

        // Whoever named the job beforehand learns that the name is used.
        var shown = text ?? frames;
        headers.Held(http.Response, shown.Job);
        headers.Settled(http.Response, shown.Settled!);
        if (http.RequestAborted.IsCancellationRequested)
            return;
        if (error is not null)
            await ErrorResponse.WriteAsync(http, error);
        else if (text is { Delivery.End: not DeliveryEnd.Cancelled })
            await parts.EndAsync(http, ct => text.IsCompleted ? answer!.EndAsync(text.Settled!.Usage, ct) : answer!.FailAsync(text.Delivery.Error, ct));
    }

    /// <returns>What answers the client, or why the text was not begun.</returns>
    private async Task<(IAnswer? Answer, ApiError? Error)> RunAsync(HttpContext http, Part frames, Part text)
    {
        var started = time.GetTimestamp();
        var receiver = new FramesReceiver((int)((FramesInference)frames.Asked).Work.Count);
        await parts.RunAsync(frames, receiver, options.JobTimeout);
        var left = options.JobTimeout - time.GetElapsedTime(started);
        if (!frames.IsCompleted)
            return (null, frames.Delivery.Error);
        if (left <= TimeSpan.Zero)
            return (null, new ApiError(ApiErrorCode.Timeout, "The frames of the video took as long as a whole job may take. Nothing is charged."));
        var pictures = receiver.DataUrls;
        Show(text.Request, pictures);
        var answer = parts.Open(http, text.Request, text.Job.Model.Name, frames: new FramesTaken(pictures.Count, frames.Job.Model.Name, frames.Job.Id.Value));
        await parts.RunAsync(text, answer, left);
        if (text.Delivery.IsDone && !await CallConnection.TryFinishAsync(http))
            text.Delivery.Discard();
        return (answer, null);
    }

    /// <summary>Holds the job of the model that is named, or of the first that can do it.</summary>
    private async ValueTask<Result<Part>> ReserveAsync(HttpContext http, Caller caller, FramesInference asked)
    {
        var fleet = nodes.Snapshot;
        string[] models = asked.Model.Length > 0 ? [asked.Model]
            : [.. fleet.Models.Where(m => fleet.Offers(m).Any(o => o.Capabilities.Contains(Capability.Frames))).Order(StringComparer.Ordinal)];
        var error = NoTaker();
        foreach (var (index, model) in models.Index())
        {
            if (!(await parts.ReserveAsync(http, caller, asked with { Model = model }, place: 1)).Failed(out var refused, out var part))
                return part;
            error = index == 0 ? refused : error;
        }

        return error;
    }

    private static void Show(TextInference request, IReadOnlyList<string> pictures)
    {
        var all = request.Work.Chat.Messages[0].Parts;
        foreach (var (index, place) in all.Where(p => p.BodyCase == ContentPart.BodyOneofCase.Image).ToArray().Index())
        {
            // A short video has fewer.
            if (index < pictures.Count)
                place.Image.Url = pictures[index];
            else
                all.Remove(place);
        }
    }

    private static ApiError NoTaker() => new(
        ApiErrorCode.ModelNotForEndpoint, $"No node takes frames of videos now (capability '{Capability.Frames}'), so none can be described.", "frames_model")
    {
        Availability = new Availability(AvailabilityConstraint.Capability, 0),
    };
}
