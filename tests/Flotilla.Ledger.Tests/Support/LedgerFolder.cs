namespace Flotilla.Ledger.Tests;

/// <summary>A folder for one test's ledger, gone with it. In memory where the system has such a folder: most tests are not about the disk.</summary>
internal sealed class LedgerFolder : IDisposable
{
    private const string MemoryFolder = "/dev/shm";

    public LedgerFolder(bool onDisk = false)
    {
        var root = !onDisk && Directory.Exists(MemoryFolder) ? MemoryFolder : System.IO.Path.GetTempPath();
        Path = System.IO.Path.Combine(root, SystemIdSource.Instance.Next("flotilla-ledger-"));
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public string Database => System.IO.Path.Combine(Path, "ledger.db");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
