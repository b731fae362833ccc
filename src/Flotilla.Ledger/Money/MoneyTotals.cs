using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>All money of the ledger by where it is; <see cref="Issued"/> is the sum of the other three posted amounts.</summary>
/// <param name="Issued">Ever funded.</param>
/// <param name="Owned">Posted balances of all namespaces, with what is held.</param>
/// <param name="Held">The part of <paramref name="Owned"/> that is reserved.</param>
/// <param name="Earned">Paid to operators.</param>
/// <param name="Fees">Kept by the network.</param>
public readonly record struct MoneyTotals(Credits Issued, Credits Owned, Credits Held, Credits Earned, Credits Fees);
