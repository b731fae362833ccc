using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;
using Flotilla.Engine;
using Flotilla.Node.Runtimes;
using Flotilla.Node.Runtimes.Command;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cli.Hosting;

/// <summary>Opens what a node runs its models with.</summary>
internal static class Runtimes
{
    /// <summary>Loads the model file, and prepares the client of the upstream.</summary>
    /// <returns>The runtimes; whoever starts the node disposes them.</returns>
    public static async Task<IReadOnlyList<IRuntime>> OpenAsync(ModelSources sources, SettingsReader settings, Terminal terminal, ILoggerFactory logs, CancellationToken ct)
    {
        List<IRuntime> runtimes = [];
        if (sources.File is string file)
        {
            EngineOptions options = new()
            {
                Threads = settings.Number(SettingKey.Threads, SharedOptions.Threads) ?? 0,
                SequencesMax = settings.Number(SettingKey.Slots, SharedOptions.Slots) ?? new EngineOptions().SequencesMax,
            };
            LoadingLine line = new(terminal, Path.GetFileName(file));
            try
            {
                runtimes.Add(new EngineRuntime(await InferenceEngine.LoadAsync(file, options, line, ct)));
            }
            finally
            {
                line.Clear();
            }
        }
        if (sources.Upstream is { } upstream)
            runtimes.Add(new UpstreamRuntime(upstream, logs));
        if (sources.Commands.Count > 0)
            runtimes.Add(new CommandRuntime(sources.Commands, logs));
        return runtimes;
    }
}
