namespace Flotilla.Ledger;

/// <summary>Jobs that ended, from a part of the log of transfers.</summary>
/// <param name="Jobs">In the order of their ends.</param>
/// <param name="Place">Where the next part begins.</param>
/// <param name="IsLast">Whether the log went no further when it was read.</param>
public sealed record EndedJobs(IReadOnlyList<JobRecord> Jobs, long Place, bool IsLast);
