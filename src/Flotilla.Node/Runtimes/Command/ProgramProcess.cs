using System.Diagnostics;
using System.Globalization;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>One program that runs: in a session of its own, in the working folder, with nothing of this process's environment.</summary>
internal sealed class ProgramProcess : IDisposable
{
    private const string SearchPath = "/usr/local/bin:/usr/bin:/bin";
    private const long Mebibyte = 1024 * 1024;
    private readonly Process _process;

    private ProgramProcess(Process process) => _process = process;

    /// <summary>The two programs that hold every other: one makes the session, one sets the limits.</summary>
    public static IReadOnlyList<string> Holders { get; } = ["setsid", "prlimit"];

    /// <summary>What it reads.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>What it writes.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>What it complains about.</summary>
    public Stream Errors => _process.StandardError.BaseStream;

    /// <summary>Its process, and the name of its session.</summary>
    public int Id => _process.Id;

    /// <summary>The processes that it consists of.</summary>
    public int Processes => ProcessSession.Members(_process.Id).Count;

    /// <summary>Where the program is; null where it is not.</summary>
    public static string? Find(string program)
    {
        if (program.Contains('/', StringComparison.Ordinal))
            return File.Exists(program) ? Path.GetFullPath(program) : null;
        return SearchPath.Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
    }

    /// <summary>Starts one. Its arguments reach it as they are: there is no shell.</summary>
    /// <exception cref="InvalidDataException">The program or one of the two that hold it is not there.</exception>
    public static ProgramProcess Start(IReadOnlyList<string> run, CommandOptions limits, WorkFolder folder)
    {
        var start = new ProcessStartInfo(Required(Holders[0]))
        {
            WorkingDirectory = folder.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Required(Holders[1]));
        foreach (var bound in Bounds(limits))
            start.ArgumentList.Add(bound);
        start.ArgumentList.Add("--");
        start.ArgumentList.Add(Required(run[0]));
        foreach (var argument in run.Skip(1))
            start.ArgumentList.Add(argument);
        start.Environment.Clear();
        start.Environment["PATH"] = SearchPath;
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["HOME"] = folder.FullName;
        start.Environment["TMPDIR"] = folder.FullName;
        return new ProgramProcess(Process.Start(start)!);
    }

    /// <summary>Waits until it ended; what it started may live on.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync(CancellationToken ct)
    {
        await _process.WaitForExitAsync(ct);
        return _process.ExitCode;
    }

    /// <summary>Ends it and all that it started.</summary>
    public void Kill()
    {
        ProcessSession.Kill(_process.Id);
        // In the first moment of its life it has no session yet.
        _process.Kill();
    }

    /// <inheritdoc />
    public void Dispose() => _process.Dispose();

    private static string Required(string program) => Find(program) ?? throw new InvalidDataException($"the program '{program}' is not there");

    private static IEnumerable<string> Bounds(CommandOptions limits)
    {
        if (limits.MemoryMegabytes > 0)
            yield return Bound("as", limits.MemoryMegabytes * Mebibyte);
        yield return Bound("fsize", limits.DiskMegabytes * Mebibyte);
        // Bounds what outlives a node that was killed; while the node lives, the clock ends a program long before.
        yield return Bound("cpu", (long)limits.Seconds * Environment.ProcessorCount);
        yield return Bound("nofile", NodeLimits.CommandFilesMax);
        yield return Bound("core", 0);
    }

    private static string Bound(string name, long value) => string.Create(CultureInfo.InvariantCulture, $"--{name}={value}");
}
