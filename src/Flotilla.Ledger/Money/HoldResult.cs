using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>The answer to a hold.</summary>
/// <param name="Status">What became of it; see <see cref="TransferStatusExtensions.IsDone"/>.</param>
/// <param name="Available">What the namespace could hold after this answer; zero for an unknown namespace.</param>
public readonly record struct HoldResult(TransferStatus Status, Credits Available);
