using System.IO.Pipelines;

namespace Flotilla.Gateway.State;

/// <summary>A folder of large bodies, one file each, under ids of ours; a table says what they are.</summary>
/// <remarks>A body is written beside its place, brought to the disk and renamed. The row that names it is committed afterwards, and
/// file systems with a journal keep that order; a body without a row is an orphan, which <see cref="Sweep"/> removes.</remarks>
internal sealed class Blobs
{
    private const string Unfinished = ".new";
    private readonly string _folder;

    /// <summary>Opens the folder, making it where there is none.</summary>
    public Blobs(string folder)
    {
        _folder = folder;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Begins a body.</summary>
    public FileStream Create(string id) => new(Place(id) + Unfinished, FileMode.Create, FileAccess.Write, FileShare.None);

    /// <summary>Begins a body or goes on with one that a crash has cut off.</summary>
    /// <remarks>Each write reaches the operating system at once, so that the end of this process loses none.</remarks>
    public FileStream Resume(string id)
    {
        // It had its name, and a crash came before the row.
        if (File.Exists(Place(id)))
            File.Move(Place(id), Place(id) + Unfinished, overwrite: true);
        return new FileStream(Place(id) + Unfinished, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
    }

    /// <summary>Opens a body that is being written.</summary>
    public FileStream OpenUnfinished(string id) => new(Place(id) + Unfinished, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, useAsync: true);

    /// <summary>Makes a body that was begun durable, and gives it its name. The stream is closed.</summary>
    /// <returns>Its bytes.</returns>
    public async Task<long> FinishAsync(string id, FileStream body)
    {
        await body.FlushAsync();
        body.Flush(flushToDisk: true);
        var bytes = body.Length;
        await body.DisposeAsync();
        File.Move(Place(id) + Unfinished, Place(id), overwrite: true);
        return bytes;
    }

    /// <summary>Stores a body that is in memory; where the disk refuses, nothing of it stays.</summary>
    public async Task WriteAsync(string id, ReadOnlyMemory<byte> body)
    {
        try
        {
            await using var file = Create(id);
            await file.WriteAsync(body);
            await FinishAsync(id, file);
        }
        catch
        {
            Delete(id);
            throw;
        }
    }

    /// <summary>Names a stored body in a table. One that gets no name, for want of room or because the table could not be written, is gone.</summary>
    /// <param name="id">The body.</param>
    /// <param name="name">Writes the row, and says whether it did.</param>
    public async Task<bool> NameAsync(string id, Task<bool> name)
    {
        var isNamed = false;
        try
        {
            return isNamed = await name;
        }
        finally
        {
            if (!isNamed)
                Delete(id);
        }
    }

    /// <summary>Opens a stored body. A deletion meanwhile does not disturb its reader.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public FileStream Open(string id) => new(Place(id), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, useAsync: true);

    /// <summary>Opens a stored body for an internal call.</summary>
    public PipeReader Read(string id) => PipeReader.Create(Open(id));

    /// <summary>Removes a body, finished or not, where there is one.</summary>
    public void Delete(string id)
    {
        File.Delete(Place(id));
        File.Delete(Place(id) + Unfinished);
    }

    /// <summary>Removes what a crash has left without a row.</summary>
    /// <param name="isKnown">Whether a row names this id.</param>
    public void Sweep(Func<string, bool> isKnown)
    {
        foreach (var id in Directory.EnumerateFiles(_folder).Select(Path.GetFileName).Select(name => name!.Replace(Unfinished, "", StringComparison.Ordinal)).Distinct().ToArray())
        {
            if (!isKnown(id))
                Delete(id);
        }
    }

    private string Place(string id) => id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
        ? Path.Combine(_folder, id)
        : throw new ArgumentException("An id of ours has letters, digits, '_' and '-' alone.", nameof(id));
}
