using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>What is known about the hold that a settlement names.</summary>
/// <param name="Seq">Its place among the transfers.</param>
/// <param name="Job">Its job.</param>
/// <param name="Amount">What it reserved, micro-credits.</param>
/// <param name="Resolution">How it ended; null while it is open.</param>
internal readonly record struct HoldFacts(long Seq, JobId Job, long Amount, TransferKind? Resolution);
