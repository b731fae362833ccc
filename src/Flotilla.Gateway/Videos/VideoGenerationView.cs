using Flotilla.Gateway.Deferred;

namespace Flotilla.Gateway.Videos;

/// <summary>A video under <c>/v1/videos/generations</c>; times in seconds since 1970.</summary>
internal sealed record VideoGenerationView
{
    private const long MillisecondsPerSecond = 1_000;

    /// <summary>Where these are.</summary>
    public const string Path = "/v1/videos/generations";

    public required string Id { get; init; }

    public string Object { get; } = "video.generation";

    /// <summary><c>queued</c>, <c>processing</c>, <c>completed</c>, <c>failed</c>, <c>cancelled</c> or <c>expired</c>.</summary>
    public required string Status { get; init; }

    public required string? Model { get; init; }

    public required string Prompt { get; init; }

    public required long DurationSeconds { get; init; }

    public required string Size { get; init; }

    public required long Created { get; init; }

    public required long? Completed { get; init; }

    /// <summary>When it is forgotten.</summary>
    public required long? Expires { get; init; }

    /// <summary>Where the MP4 file is, once it is there.</summary>
    public required string? ContentUrl { get; init; }

    /// <summary>The job, once there is one; <c>GET /v1/jobs/{id}</c> tells its cost.</summary>
    public required string? JobId { get; init; }

    public required VideoError? Error { get; init; }

    public static VideoGenerationView Of(VideoJob job) => new()
    {
        Id = job.Id,
        Status = job.Status.ToString().ToLowerInvariant(),
        Model = job.Row.Model,
        Prompt = job.About.Prompt,
        DurationSeconds = job.About.Seconds,
        Size = job.About.Size,
        Created = job.Row.CreatedMs / MillisecondsPerSecond,
        Completed = job.Row.FinishedMs / MillisecondsPerSecond,
        Expires = job.ExpiresMs / MillisecondsPerSecond,
        ContentUrl = job.Status == VideoStatus.Completed ? $"{Path}/{job.Id}/content" : null,
        JobId = DeferredViews.JobOf(job.Row),
        Error = job.Error,
    };
}
