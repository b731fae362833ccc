namespace Flotilla.Gateway.Webhooks;

/// <summary>Where a delivery stands. The numbers are stored.</summary>
internal enum DeliveryStatus
{
    /// <summary>It waits for its next attempt, or is on its way.</summary>
    Waiting = 1,

    /// <summary>It was answered with a status from 200 to 299.</summary>
    Delivered = 2,

    /// <summary>There were too many attempts, or it is too old.</summary>
    GivenUp = 3,
}
