using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>The answer to a settlement.</summary>
/// <param name="Status">What became of it; see <see cref="TransferStatusExtensions.IsDone"/>.</param>
/// <param name="Charged">What the namespace paid by this settlement; zero when it was refused.</param>
/// <param name="Available">What the namespace can hold after a settlement that was made now; otherwise zero.</param>
public readonly record struct SettleResult(TransferStatus Status, Credits Charged, Credits Available);
