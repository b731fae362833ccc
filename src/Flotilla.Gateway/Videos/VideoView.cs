using System.Globalization;

namespace Flotilla.Gateway.Videos;

/// <summary>A video as OpenAI's clients read it, under <c>/v1/videos</c>; times in seconds since 1970.</summary>
internal sealed record VideoView
{
    private const long MillisecondsPerSecond = 1_000;
    private const int Done = 100;

    public required string Id { get; init; }

    public string Object { get; } = "video";

    public required string? Model { get; init; }

    /// <summary><c>queued</c>, <c>in_progress</c>, <c>completed</c> or <c>failed</c>: OpenAI has no other words.</summary>
    public required string Status { get; init; }

    /// <summary>In percent; nobody knows more than the beginning and the end.</summary>
    public required int Progress { get; init; }

    public required long CreatedAt { get; init; }

    public required long? CompletedAt { get; init; }

    public required long? ExpiresAt { get; init; }

    public required string Prompt { get; init; }

    public required string Size { get; init; }

    /// <summary>A number, as a text.</summary>
    public required string Seconds { get; init; }

    /// <summary>Nothing is remixed here.</summary>
    public string? RemixedFromVideoId { get; }

    public required VideoError? Error { get; init; }

    public static VideoView Of(VideoJob job) => new()
    {
        Id = job.Id,
        Model = job.Row.Model,
        Status = job.Status switch
        {
            VideoStatus.Queued => "queued",
            VideoStatus.Processing => "in_progress",
            VideoStatus.Completed => "completed",
            _ => "failed",
        },
        Progress = job.Status == VideoStatus.Completed ? Done : 0,
        CreatedAt = job.Row.CreatedMs / MillisecondsPerSecond,
        CompletedAt = job.Status == VideoStatus.Completed ? job.Row.FinishedMs / MillisecondsPerSecond : null,
        ExpiresAt = job.ExpiresMs / MillisecondsPerSecond,
        Prompt = job.About.Prompt,
        Size = job.About.Size,
        Seconds = job.About.Seconds.ToString(CultureInfo.InvariantCulture),
        Error = job.Error,
    };
}
