using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>A hold without an end yet: what its settlement needs, so that none of it is read back from the disk.
/// <paramref name="DeadlineTicks"/> is on the monotonic clock of this process.</summary>
internal sealed record OpenHold(
    long Seq, TransferId Id, JobId Job, LedgerAccount Customer, NamespaceId Namespace, KeyId Key, string Model, long Amount, long DeadlineTicks);
