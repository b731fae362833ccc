using Flotilla.Core;
using Flotilla.Ledger;

namespace Flotilla.Gateway.Stages;

/// <summary>A job whose worst case is reserved; from here on it must be settled exactly once.</summary>
internal sealed record HeldJob
{
    /// <summary>What was reserved, for whom.</summary>
    public required HoldRequest Hold { get; init; }

    /// <summary>The model.</summary>
    public required ResolvedModel Model { get; init; }

    /// <summary>The price that was frozen with the hold.</summary>
    public required Price Price { get; init; }

    /// <summary>Input units that the hold covers; a node that counts more is not believed.</summary>
    public required long InputUnitsMax { get; init; }

    /// <summary>Output units that the hold covers, over all choices.</summary>
    public required long OutputUnitsMax { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public required long AcceptedUnixMs { get; init; }

    /// <summary>What is reserved until when, as it was signed: <see cref="Flotilla.Protocol.Receipts.HoldStatement"/>.</summary>
    public required string HoldText { get; init; }

    /// <summary>The gateway's signature over it, base58.</summary>
    public required string HoldSignature { get; init; }

    /// <summary>The job.</summary>
    public JobId Id => Hold.Job;
}
