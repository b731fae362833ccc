using Microsoft.Extensions.Logging;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>A folder for one job, which its programs work in; only this user may look inside, and it goes with the job.</summary>
internal sealed class WorkFolder(ILogger logger) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("flotilla-command-");

    /// <summary>Where it is.</summary>
    public string FullName => _folder.FullName;

    /// <summary>A file in it; the name is ours, never a client's.</summary>
    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Bytes of all files in it.</summary>
    public long Size()
    {
        long bytes = 0;
        try
        {
            foreach (var file in _folder.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
                bytes += file.Length;
        }
        catch (IOException)
        {
            // A file went while it was looked at; the next look is soon.
        }

        return bytes;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            NodeLog.WorkFolderStays(logger, _folder.FullName, e.Message);
        }
    }
}
