using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;
using Flotilla.Node;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cli.Commands;

/// <summary><c>flotilla node</c>: this machine works for a gateway elsewhere. It dials out; no port needs to be open.</summary>
internal static class NodeCommand
{
    private static readonly Option<string[]> GatewaysOption = new("--gateway") { HelpName = "URL", Description = "The gateway to join; several for several" };

    private static readonly Option<string?> TokenOption = new("--token")
    {
        HelpName = "TOKEN",
        Description = "From 'flotilla nodes invite', jt-flt-…; needed the first time only. FLOTILLA__TOKEN keeps it out of the process list",
    };

    public static Command Create(Terminal terminal)
    {
        Command node = new("node", "Join a gateway and serve a model, or another server, for it")
        {
            GatewaysOption, TokenOption, SharedOptions.Model, SharedOptions.Upstream, SharedOptions.UpstreamKey, SharedOptions.Command, SharedOptions.Threads,
            SharedOptions.Slots, SharedOptions.NodeName, SharedOptions.Region, SharedOptions.AllowInsecure, SharedOptions.Verbose,
        };
        node.SetAction((parsed, ct) => RunAsync(parsed, terminal, ct));
        return node;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        var settings = SettingsReader.Read(parsed, terminal);
        var options = NodeSettings.Of(settings, Gateways(parsed, settings), settings.Text(SettingKey.Token, TokenOption), settings.DataFolder);
        var sources = ModelSources.Of(settings, terminal);
        using var logs = LoggerFactory.Create(logging => Logs.Configure(logging, parsed.GetValue(SharedOptions.Verbose)));
        var runtimes = await Runtimes.OpenAsync(sources, settings, terminal, logs, ct);
        Dictionary<Uri, string> told = [];
        await using var node = LocalNode.Start(options, runtimes, logs, status => Tell(terminal, told, status));
        await terminal.Out.WriteLineAsync($"Node {node.Id} serves {sources}.");
        await Task.WhenAny(node.Over, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct));
        if (ct.IsCancellationRequested)
            await terminal.Error.WriteLineAsync("Leaving once running jobs are finished; Ctrl-C again cuts them off.");
        await node.StopAsync();
        return ExitCode.Ok;
    }

    private static Uri[] Gateways(ParseResult parsed, SettingsReader settings)
    {
        var given = parsed.GetValue(GatewaysOption) is { Length: > 0 } flags ? flags : settings.Text(SettingKey.Gateway)?.Split(',', StringSplitOptions.TrimEntries);
        if (given is null)
            throw new CommandFailedException(ExitCode.Usage, "there is no gateway to join.", "Give --gateway URL, as 'flotilla nodes invite' prints it.");
        return [.. given.Select(text => Uri.TryCreate(text, UriKind.Absolute, out var uri)
            ? uri
            : throw new CommandFailedException(ExitCode.Usage, $"'{text}' is no address of a gateway.", "It looks like https://gateway.example."))];
    }

    /// <summary>Says what changed, once: a gateway that is away is dialled again and again, and one line is enough.</summary>
    private static void Tell(Terminal terminal, Dictionary<Uri, string> told, GatewayStatus status)
    {
        var detail = status.Detail.Length > 0 ? $" ({SafeText.ForTerminal(status.Detail)})" : "";
        var line = status.State switch
        {
            GatewayState.Connected when status.Admissions.Count > 0 => "Serving: " + string.Join(", ", status.Admissions.Select(Describe)),
            GatewayState.Connected => $"Connected{detail}; the gateway tests each model before it sends jobs.",
            GatewayState.Waiting => $"Not connected{detail}; dialling again.",
            GatewayState.Refused => $"Refused{detail}.",
            GatewayState.Draining => "Draining.",
            _ => null,
        };
        if (line is null)
            return;
        lock (told)
        {
            if (told.TryGetValue(status.Gateway, out var last) && last == line)
                return;
            told[status.Gateway] = line;
        }
        terminal.Out.WriteLine($"{status.Gateway.Authority}: {line}");
    }

    private static string Describe(ModelAdmission admission) => admission.Admitted
        ? SafeText.ForTerminal(admission.Model)
        : SafeText.ForTerminal($"{admission.Model} (not admitted: {admission.Reason})");
}
