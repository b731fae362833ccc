namespace Flotilla.Gateway.Stages;

/// <summary>The ways in which a job ends.</summary>
internal enum DeliveryEnd
{
    /// <summary>Not to the end; the client is told why.</summary>
    Failed,

    /// <summary>The client has everything, or will have it with the last bytes.</summary>
    Completed,

    /// <summary>The client went away.</summary>
    Cancelled,
}
