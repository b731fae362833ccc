using System.CommandLine;
using Flotilla.Cli.Commands;
using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;

namespace Flotilla.Cli;

/// <summary>The command tree, and the one place where a failure becomes a message and an exit code.</summary>
internal static class CommandLine
{
    private const string Description = """
        Serves the OpenAI API from machines that belong to many people.

        First steps:
          flotilla up              a gateway, a node and a model on this machine; prints a base URL and a key
          flotilla chat            talk to it
          flotilla nodes invite    a token with which another machine joins

        Settings: a flag wins over an environment variable FLOTILLA__NAME, which wins over DIR/flotilla.json.
        Exit codes: 0 done, 1 failed, 2 wrong command line or setting, 3 no gateway answered, 4 not verified.
        """;

    /// <summary>Runs one command.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, Terminal terminal)
    {
        var root = Root(terminal);
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
            return Misused(parsed, terminal);
        using Interruption interruption = new();
        // Our own handler drains for as long as it takes; the library's would end the process after two seconds.
        InvocationConfiguration invocation = new()
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await parsed.InvokeAsync(invocation, interruption.Token);
        }
        catch (Exception fault) when (Failures.Explain(fault) is { } failure)
        {
            await terminal.Error.WriteLineAsync($"flotilla: {SafeText.ForTerminal(failure.Message)}");
            if (failure.Fix.Length > 0)
                await terminal.Error.WriteLineAsync($"          {failure.Fix}");
            return failure.ExitCode;
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return ExitCode.Failed;
        }
    }

    private static RootCommand Root(Terminal terminal) => new(Description)
    {
        SharedOptions.Data,
        UpCommand.Create(terminal),
        GatewayCommand.Create(terminal),
        NodeCommand.Create(terminal),
        ChatCommand.Create(terminal),
        KeysCommand.Create(terminal),
        CreditsCommand.Create(terminal),
        NodesCommand.Create(terminal),
        ModelsCommand.Create(terminal),
        UsageCommand.Create(terminal),
        VerifyCommand.Create(terminal),
        BenchCommand.Create(terminal),
    };

    private static int Misused(ParseResult parsed, Terminal terminal)
    {
        foreach (var error in parsed.Errors)
            terminal.Error.WriteLine($"flotilla: {error.Message}");
        List<string> path = [];
        for (System.CommandLine.Parsing.SymbolResult? at = parsed.CommandResult; at is System.CommandLine.Parsing.CommandResult { Command: not RootCommand } command; at = at.Parent)
            path.Insert(0, command.Command.Name);
        terminal.Error.WriteLine($"          See 'flotilla {string.Concat(path.Select(name => name + " "))}--help'.");
        return ExitCode.Usage;
    }
}
