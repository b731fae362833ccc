using Flotilla.Cli.Output;

namespace Flotilla.Cli.Tests;

/// <summary>One run of the command line in this process, with everything that it reads and writes in hand.</summary>
internal sealed class CliRun : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public CliRun()
    {
        Folder = Directory.CreateTempSubdirectory("flotilla-cli-").FullName;
        Environment["HOME"] = Folder;
        Environment["FLOTILLA__DATA"] = Folder;
    }

    /// <summary>The data folder of the runs.</summary>
    public string Folder { get; }

    /// <summary>The variables that the runs see.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>What the runs read from stdin.</summary>
    public string Input { get; set; } = "";

    /// <summary>Whether the runs believe that people type and read.</summary>
    public bool Interactive { get; set; }

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public Terminal Terminal => new()
    {
        In = new StringReader(Input),
        Out = _out,
        Error = _error,
        InputIsInteractive = Interactive,
        OutputIsInteractive = Interactive,
        ErrorIsInteractive = Interactive,
        Environment = Environment,
    };

    public Task<int> RunAsync(params string[] arguments) => CommandLine.RunAsync(arguments, Terminal);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
