namespace Flotilla.Gateway.Videos;

/// <summary>How far a video is.</summary>
internal enum VideoStatus
{
    /// <summary>It waits for a node.</summary>
    Queued,

    /// <summary>A node makes it.</summary>
    Processing,

    /// <summary>It is there.</summary>
    Completed,

    /// <summary>It could not be made.</summary>
    Failed,

    /// <summary>Its client wanted it no more.</summary>
    Cancelled,

    /// <summary>No node was free until its time was over.</summary>
    Expired,
}
