namespace Flotilla.Node.Work;

/// <summary>Why a job was stopped before its end; the first reason counts.</summary>
internal enum StopReason
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>The gateway cancelled it.</summary>
    Cancelled,

    /// <summary>Its deadline passed.</summary>
    Deadline,

    /// <summary>The node stops, and the job was not done in time.</summary>
    NodeStops,

    /// <summary>The link that it came over is gone; nobody waits for it.</summary>
    LinkGone,
}
