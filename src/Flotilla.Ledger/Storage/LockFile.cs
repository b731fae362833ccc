namespace Flotilla.Ledger;

/// <summary>Held while a process has the ledger open; the system lets go of it when that process ends, however it ends.</summary>
internal sealed class LockFile : IDisposable
{
    private readonly FileStream _stream;

    private LockFile(FileStream stream) => _stream = stream;

    /// <exception cref="LedgerInUseException">Somebody else holds it.</exception>
    public static LockFile Take(string databasePath)
    {
        try
        {
            return new LockFile(new FileStream(databasePath + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException busy) when (busy is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            throw new LedgerInUseException(databasePath, busy);
        }
    }

    /// <summary>Lets go. The file stays: were it deleted, two processes could each lock a file of that name.</summary>
    public void Dispose() => _stream.Dispose();
}
