using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>What opening the ledger found and put right.</summary>
/// <param name="Epoch">Counts the opens of this file; a hold belongs to the epoch that made it.</param>
/// <param name="UncleanStop">Whether the last process ended without closing the ledger.</param>
/// <param name="HoldsVoided">Holds of earlier epochs that were still open.</param>
/// <param name="AmountReturned">What these holds gave back to their namespaces.</param>
public sealed record RecoveryReport(long Epoch, bool UncleanStop, int HoldsVoided, Credits AmountReturned);
