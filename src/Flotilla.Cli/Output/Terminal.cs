using System.Collections;
using Spectre.Console;

namespace Flotilla.Cli.Output;

/// <summary>Where a command reads and writes. Results go to <see cref="Out"/>, everything else to <see cref="Error"/>.</summary>
internal sealed class Terminal
{
    // A pipe has no width: a table that wraps at 80 columns could not be searched.
    private const int PipeWidth = 1_000;

    private IAnsiConsole? _console;
    private IAnsiConsole? _errorConsole;

    public required TextReader In { get; init; }

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Whether a person types: a prompt makes sense.</summary>
    public bool InputIsInteractive { get; init; }

    /// <summary>Whether a person reads: boxes, colours and the filtering of control codes make sense.</summary>
    public bool OutputIsInteractive { get; init; }

    /// <summary>Whether a person reads what goes to <see cref="Error"/>.</summary>
    public bool ErrorIsInteractive { get; init; }

    /// <summary>Environment variables, by name.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Drawing on <see cref="Out"/>.</summary>
    public IAnsiConsole Console => _console ??= Draw(Out, OutputIsInteractive);

    /// <summary>Drawing on <see cref="Error"/>.</summary>
    public IAnsiConsole ErrorConsole => _errorConsole ??= Draw(Error, ErrorIsInteractive);

    public static Terminal OfProcess() => new()
    {
        In = System.Console.In,
        Out = System.Console.Out,
        Error = System.Console.Error,
        InputIsInteractive = !System.Console.IsInputRedirected,
        OutputIsInteractive = !System.Console.IsOutputRedirected,
        ErrorIsInteractive = !System.Console.IsErrorRedirected,
        Environment = System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal),
    };

    private static IAnsiConsole Draw(TextWriter writer, bool interactive)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Interactive = interactive ? InteractionSupport.Detect : InteractionSupport.No,
            Ansi = interactive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = interactive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (!interactive)
            console.Profile.Width = PipeWidth;
        return console;
    }
}
