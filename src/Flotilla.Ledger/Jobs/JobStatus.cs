namespace Flotilla.Ledger;

/// <summary>Where a job stands. The numbers are stored.</summary>
public enum JobStatus
{
    /// <summary>Its hold is open.</summary>
    Running = 1,

    /// <summary>The work was done to its end.</summary>
    Completed = 2,

    /// <summary>It ended with an error; what was delivered before was charged.</summary>
    Failed = 3,

    /// <summary>The client left or cancelled; what was delivered before was charged.</summary>
    Cancelled = 4,

    /// <summary>Nobody settled it in time; nothing was charged.</summary>
    Expired = 5,
}
