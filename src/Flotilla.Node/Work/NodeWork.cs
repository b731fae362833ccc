using Flotilla.Core;
using Flotilla.Node.Runtimes;
using Microsoft.Extensions.Logging;

namespace Flotilla.Node.Work;

/// <summary>What every job of a node needs, whichever link it came over.</summary>
/// <param name="Key">Signs what was done.</param>
/// <param name="Id">The node.</param>
/// <param name="Catalog">The models.</param>
/// <param name="Slots">The jobs that may run.</param>
/// <param name="Time">The clock of deadlines.</param>
/// <param name="Logger">Gets no prompt, no output and no key.</param>
internal sealed record NodeWork(SigningKey Key, NodeId Id, RuntimeCatalog Catalog, JobSlots Slots, TimeProvider Time, ILogger Logger);
