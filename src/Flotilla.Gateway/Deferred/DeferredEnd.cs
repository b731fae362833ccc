namespace Flotilla.Gateway.Deferred;

/// <summary>What came of one run of a deferred request.</summary>
internal enum DeferredEnd
{
    /// <summary>Its answer is stored, or nobody wants one any more.</summary>
    Answered,

    /// <summary>It waits on: the fleet had no room after all, or the gateway stops.</summary>
    NoRoom,

    /// <summary>It waits on: its own key or namespace has used up what it may, which is no reason for others to wait.</summary>
    OwnLimit,
}
