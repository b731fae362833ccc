namespace Flotilla.Gateway.Deferred;

/// <summary>Where a deferred request stands. The numbers are stored.</summary>
internal enum DeferredStatus
{
    /// <summary>It waits for a node, or runs.</summary>
    Open = 1,

    /// <summary>It was answered with a status below 400.</summary>
    Completed = 2,

    /// <summary>It was answered with an error.</summary>
    Failed = 3,

    /// <summary>Its client wanted no answer any more.</summary>
    Cancelled = 4,

    /// <summary>No node was free until its time was over; its answer is the one that a client at a socket gets at once.</summary>
    Expired = 5,
}
