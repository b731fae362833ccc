namespace Flotilla.Ledger;

/// <summary>One thing that does not add up.</summary>
/// <param name="Property">The broken property: <c>P1</c> conservation, <c>P2</c> bound, <c>P3</c> fold, <c>P4</c> one resolution,
/// <c>P5</c> post within hold, <c>P12</c> linked pay, <c>chain</c>, <c>body</c>, <c>job</c>, <c>usage</c>.</param>
/// <param name="Detail">Which row, what it says and what it should say.</param>
public sealed record AuditViolation(string Property, string Detail);
