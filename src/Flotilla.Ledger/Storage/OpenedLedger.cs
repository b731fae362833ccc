using System.Collections.Immutable;

namespace Flotilla.Ledger;

/// <summary>A ledger that is open and recovered, with what the books begin with.</summary>
internal sealed record OpenedLedger(
    WriterState State, RecoveryReport Recovery, KeySnapshot Keys, ImmutableDictionary<string, NodeRecord> Nodes, PriceTable Prices);
