namespace Flotilla.Ledger;

/// <summary>The disk failed under the ledger. Nothing is accepted any more; whether an operation that was under way
/// has happened is known after the next open, by its id.</summary>
/// <remarks>An fsync that failed once may have dropped what it was to save, so that a second, successful one proves
/// nothing: the only safe way on is to stop, open again and read what is there.</remarks>
public sealed class LedgerFaultedException : IOException
{
    internal LedgerFaultedException(string path, Exception inner)
        : base($"The ledger '{path}' has stopped: {inner.Message} Restart the gateway; it reads back what is safe on the disk.", inner)
    {
    }
}
