using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>A namespace's money as of the last durable batch.</summary>
/// <param name="Posted">Funded less charged.</param>
/// <param name="Held">Reserved by jobs that run.</param>
public readonly record struct Balance(Credits Posted, Credits Held)
{
    /// <summary>What a new hold can take; never below zero.</summary>
    public Credits Available => Posted - Held;
}
