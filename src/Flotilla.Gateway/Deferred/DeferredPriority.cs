namespace Flotilla.Gateway.Deferred;

/// <summary>Who goes first among those who wait for the same model. The numbers are stored.</summary>
internal enum DeferredPriority
{
    /// <summary>Before all others.</summary>
    Urgent = 0,

    /// <summary>As nothing else is said.</summary>
    Normal = 1,

    /// <summary>When nobody else waits.</summary>
    Bulk = 2,
}
