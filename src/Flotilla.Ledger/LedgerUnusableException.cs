namespace Flotilla.Ledger;

/// <summary>The ledger can't be opened as it is: written by a newer Flotilla, damaged, or the SQLite library is unfit.</summary>
public sealed class LedgerUnusableException : IOException
{
    internal LedgerUnusableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
