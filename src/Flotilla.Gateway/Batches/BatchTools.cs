using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Files;
using Flotilla.Ledger;

namespace Flotilla.Gateway.Batches;

/// <summary>What every batch works with.</summary>
internal sealed record BatchTools(
    BatchTable Table, FileTable Files, InternalCalls Calls, Callers Callers, FleetRoom Room, LedgerStore Ledger, GatewayOptions Options, TimeProvider Time);
