using Flotilla.Gateway.Deferred;

namespace Flotilla.Gateway.Videos;

/// <summary>One video of a namespace, in whatever state it is.</summary>
/// <param name="Row">The deferred request that it is.</param>
/// <param name="About">What was asked for.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Error">Why there is none; null where it may still come, or is there.</param>
/// <param name="ExpiresMs">When it is forgotten, in milliseconds since 1970; null while it is open.</param>
internal sealed record VideoJob(DeferredRow Row, VideoAbout About, VideoStatus Status, VideoError? Error, long? ExpiresMs)
{
    /// <summary>Begins with <c>video_</c>.</summary>
    public string Id => VideoJobs.IdOf(Row.Id);

    /// <summary>Whether asking again may tell more.</summary>
    public bool IsOpen => Status is VideoStatus.Queued or VideoStatus.Processing;
}
