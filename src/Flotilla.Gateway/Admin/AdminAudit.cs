namespace Flotilla.Gateway.Admin;

/// <summary>What recomputing every balance from the transfers gave.</summary>
/// <param name="Ok">Whether nothing was wrong.</param>
/// <param name="Transfers">How many transfers were read.</param>
/// <param name="Violations">One sentence each.</param>
public sealed record AdminAudit(bool Ok, long Transfers, IReadOnlyList<string> Violations);
