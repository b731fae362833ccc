using System.Text.Json;
using Flotilla.Core;
using Flotilla.Gateway.Deferred;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Videos;

/// <summary>The videos of namespaces: deferred requests, each shown as a job of its own.</summary>
/// <remarks>A video's id is its request's with another prefix, so that each is found by the other.</remarks>
internal sealed class VideoJobs(DeferredDoor door, DeferredTable table, DeferredQueue queue, DeferredViews views, GatewayOptions options, TimeProvider time)
{
    private static readonly string Path = Dialect.Of(InferenceEndpoint.VideoGenerations).Path;
    private static readonly string Prefix = Dialect.Of(InferenceEndpoint.VideoGenerations).IdPrefix;

    /// <summary>The id of the video that a request makes.</summary>
    public static string IdOf(string request) => Prefix + request[RequestId.Prefix.Length..];

    /// <summary>Takes in a request for a video.</summary>
    /// <param name="http">As it came.</param>
    /// <param name="caller">Who asks and pays.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="body">The same as JSON.</param>
    public async Task<Result<VideoJob>> AddAsync(HttpContext http, Caller caller, VideoInference request, byte[] body)
    {
        var about = JsonSerializer.Serialize(new VideoAbout(request.Work.Prompt, request.Work.Seconds, request.Size), VideoJson.Default.VideoAbout);
        var taken = await door.TakeAsync(http, caller, request.Model, body, row => row with
        {
            Path = Path, ContentType = "application/json", About = about, Reserved = request.Kind.Shape(request.Work).OutputMax,
        });
        return taken.Failed(out var error, out var entry) ? error : Of(entry.Row);
    }

    /// <summary>One video of the namespace, or null.</summary>
    /// <param name="owner">The namespace.</param>
    /// <param name="id">The video's id.</param>
    public VideoJob? Find(NamespaceId owner, string id) =>
        id.StartsWith(Prefix, StringComparison.Ordinal) && table.Find(owner, RequestId.Prefix + id[Prefix.Length..]) is { About: not null } row && Of(row) is var job
        && !(job.ExpiresMs < time.GetUtcNow().ToUnixTimeMilliseconds()) ? job : null;

    /// <summary>The same, once it is made, or the time is over.</summary>
    public async Task<VideoJob?> FindAsync(NamespaceId owner, string id, TimeSpan atMost, CancellationToken cancellation)
    {
        if (Find(owner, id) is not { IsOpen: true } job)
            return Find(owner, id);
        await queue.WhenEndedAsync(job.Row.Id, atMost, cancellation);
        return Find(owner, id);
    }

    /// <summary>A page of the namespace's videos.</summary>
    public IReadOnlyList<VideoJob> List(NamespaceId owner, string? after, bool newestFirst, int limit) =>
        [.. table.ListShown(owner, Path, time.GetUtcNow() - options.VideosKept, after is null ? null : RequestId.Prefix + after[Math.Min(Prefix.Length, after.Length)..], newestFirst, limit).Select(Of)];

    /// <summary>Ends a video that nobody wants any more; one that was faster stays.</summary>
    public async Task<VideoJob> CancelAsync(VideoJob job)
    {
        if (queue.Find(job.Row.Id) is not { } entry)
            return job;
        await queue.CancelAsync(entry);
        return Of(entry.Row);
    }

    /// <summary>Ends and forgets a video.</summary>
    public async Task DeleteAsync(VideoJob job)
    {
        await CancelAsync(job);
        await table.DeleteAsync(job.Row.Id);
    }

    /// <summary>The MP4 file of a video that is completed; null where it was deleted meanwhile.</summary>
    public Stream? Content(VideoJob job)
    {
        try
        {
            return table.Answer(job.Row.Id);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private VideoJob Of(DeferredRow row)
    {
        var about = JsonSerializer.Deserialize(row.About!, VideoJson.Default.VideoAbout)!;
        var status = row.Status switch
        {
            DeferredStatus.Completed => VideoStatus.Completed,
            DeferredStatus.Cancelled => VideoStatus.Cancelled,
            DeferredStatus.Expired => VideoStatus.Expired,
            DeferredStatus.Failed => VideoStatus.Failed,
            _ => queue.Find(row.Id)?.Started is null ? VideoStatus.Queued : VideoStatus.Processing,
        };
        return new VideoJob(row, about, status, ErrorOf(row, status), row.FinishedMs + (long)options.VideosKept.TotalMilliseconds);
    }

    private VideoError? ErrorOf(DeferredRow row, VideoStatus status)
    {
        if (status == VideoStatus.Cancelled)
            return new VideoError("cancelled", "The video was cancelled before it was made.");
        return status is VideoStatus.Failed or VideoStatus.Expired && views.ErrorOf(row) is { } error
            ? new VideoError(error.GetProperty("code").GetString()!, error.GetProperty("message").GetString()!)
            : null;
    }
}
