using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.State;

/// <summary>One piece of work for the state's writer thread.</summary>
internal abstract class StateOperation
{
    /// <summary>Does the work inside a transaction; a second time, in a transaction of its own, where the first was rolled back.</summary>
    public abstract void Execute(SqliteConnection database);

    /// <summary>The transaction is durable.</summary>
    public abstract void Complete();

    /// <summary>Nothing of the work has happened.</summary>
    public abstract void Fail(Exception reason);
}
