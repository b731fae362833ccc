namespace Flotilla.Ledger;

/// <summary>What recomputing everything from the immutable transfers found.</summary>
/// <param name="Transfers">Transfers read.</param>
/// <param name="Jobs">Jobs read.</param>
/// <param name="ViolationCount">All violations, also those beyond <see cref="LedgerLimits.AuditViolationsMax"/>.</param>
/// <param name="Violations">The first violations, in the order found.</param>
public sealed record AuditReport(long Transfers, long Jobs, long ViolationCount, IReadOnlyList<AuditViolation> Violations)
{
    /// <summary>Whether nothing was wrong.</summary>
    public bool IsClean => ViolationCount == 0;
}
