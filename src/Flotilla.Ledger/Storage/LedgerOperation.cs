namespace Flotilla.Ledger;

/// <summary>One piece of work for the writer thread.</summary>
internal abstract class LedgerOperation
{
    /// <summary>Does the work inside a transaction. May run a second time, in a transaction of its own, when the first was rolled back.</summary>
    public abstract void Execute(WriterState state);

    /// <summary>The transaction is durable: publishes, then answers the caller.</summary>
    public abstract void Complete();

    /// <summary>Nothing of the work has happened, or, when the ledger has faulted, nobody knows.</summary>
    public abstract void Fail(Exception reason);
}
