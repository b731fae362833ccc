using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;

namespace Flotilla.Cli.Commands;

/// <summary><c>flotilla gateway</c>: the HTTP API and the ledger; nodes elsewhere do the work.</summary>
internal static class GatewayCommand
{
    public static Command Create(Terminal terminal)
    {
        Command gateway = new("gateway", "Start a gateway alone; nodes join it with a token of 'flotilla nodes invite'")
        {
            SharedOptions.Host, SharedOptions.Port, SharedOptions.Verbose,
        };
        gateway.SetAction((parsed, ct) => RunAsync(parsed, terminal, ct));
        return gateway;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        var settings = SettingsReader.Read(parsed, terminal);
        var options = GatewaySettings.Of(settings);
        await using var gateway = await LocalGateway.StartAsync(options, parsed.GetValue(SharedOptions.Verbose), ct);
        gateway.Publish();
        await terminal.Out.WriteLineAsync($"""
            Gateway at {gateway.ListensAt}
            Keys in {Credentials.PathIn(settings.DataFolder)}; 'flotilla nodes invite' makes a token for a node.
            """);
        await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct));
        await terminal.Error.WriteLineAsync("Stopping once running answers are finished; Ctrl-C again cuts them off.");
        await gateway.StopAsync();
        return ExitCode.Ok;
    }
}
