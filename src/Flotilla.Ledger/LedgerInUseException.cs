namespace Flotilla.Ledger;

/// <summary>Another process (or another store in this one) has the ledger open.</summary>
public sealed class LedgerInUseException : IOException
{
    internal LedgerInUseException(string path, Exception inner)
        : base($"The ledger '{path}' is in use by another process: one gateway at a time writes to one file. "
            + "Stop the other gateway, or give this one its own folder with --data.", inner) => Path = path;

    /// <summary>The database file that is in use.</summary>
    public string Path { get; }
}
