using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;
using Flotilla.Core;
using Flotilla.Node;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cli.Commands;

/// <summary><c>flotilla up</c>: everything on this machine, over the same link that nodes elsewhere use.</summary>
internal static class UpCommand
{
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(10);

    public static Command Create(Terminal terminal)
    {
        Command up = new("up", "Start a gateway and a node on this machine, with the demo model or yours")
        {
            SharedOptions.Host, SharedOptions.Port, SharedOptions.Model, SharedOptions.Upstream, SharedOptions.UpstreamKey, SharedOptions.Command,
            SharedOptions.Threads, SharedOptions.Slots, SharedOptions.NodeName, SharedOptions.Region, SharedOptions.Verbose,
        };
        up.SetAction((parsed, ct) => RunAsync(parsed, terminal, ct));
        return up;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        var settings = SettingsReader.Read(parsed, terminal);
        var options = GatewaySettings.Of(settings);
        var sources = ModelSources.Of(settings, terminal);
        var verbose = parsed.GetValue(SharedOptions.Verbose);
        using var logs = LoggerFactory.Create(logging => Logs.Configure(logging, verbose, ct));

        // The model loads while the gateway starts: whichever is slower is all that one waits for.
        var loading = Runtimes.OpenAsync(sources, settings, terminal, logs, ct);
        await using var gateway = await LocalGateway.StartAsync(options, verbose, ct);
        var folder = Path.Combine(settings.DataFolder, "node");
        var nodeOptions = NodeSettings.Of(settings, [gateway.Origin], await JoinTokenAsync(gateway, folder), folder);

        await using var node = LocalNode.Start(nodeOptions, await loading, logs);
        if (!await node.WaitAdmittedAsync(CliLimits.AdmissionTimeout, ct))
            await terminal.Error.WriteLineAsync($"flotilla: no model is served yet: {Why(node, sources)}");
        gateway.Publish();
        StartUpBox.Show(terminal, gateway.Credentials, settings.DataFolder, node.AdmittedModels);

        await Task.WhenAny(node.Over, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct));
        if (node.Over.IsFaulted)
            await node.Over;
        await terminal.Error.WriteLineAsync("Stopping once running answers are finished; Ctrl-C again cuts them off.");
        await gateway.StopAsync();
        await node.StopAsync();
        return ExitCode.Ok;
    }

    private static async Task<string?> JoinTokenAsync(LocalGateway gateway, string nodeFolder)
    {
        var key = SigningKey.LoadOrCreate(Path.Combine(nodeFolder, NodeHost.KeyFileName), SystemIdSource.Instance);
        return gateway.Ledger.Nodes.Find(NodeId.Of(key.PublicKey)) is null
            ? await gateway.Ledger.Nodes.CreateJoinTokenAsync(gateway.FirstAccount, TokenLifetime)
            : null;
    }

    private static string Why(LocalNode node, ModelSources sources)
    {
        var status = node.Gateways[0];
        var refused = status.Admissions.FirstOrDefault(admission => !admission.Admitted);
        return refused is not null ? $"{refused.Model} did not pass its test job: {refused.Reason}"
            : status.Detail.Length > 0 ? status.Detail
            : $"{sources} offers none; it is looked at again every few seconds.";
    }
}
