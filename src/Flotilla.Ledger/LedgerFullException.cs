namespace Flotilla.Ledger;

/// <summary>The disk has no room left; nothing of the operation has happened, and it can be tried again when there is room.</summary>
public sealed class LedgerFullException : IOException
{
    internal LedgerFullException(string path, Exception inner)
        : base($"The disk that holds the ledger '{path}' is full: nothing was changed. Free some space and try again.", inner)
    {
    }
}
