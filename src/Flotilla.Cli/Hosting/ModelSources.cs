using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;
using Flotilla.Node.Runtimes;
using Flotilla.Node.Runtimes.Command;

namespace Flotilla.Cli.Hosting;

/// <summary>What a node on this machine shall serve.</summary>
/// <param name="File">A GGUF file for the built-in engine; null for none.</param>
/// <param name="Upstream">Another OpenAI-compatible server; null for none.</param>
/// <param name="Commands">Models made of local programs.</param>
internal sealed record ModelSources(string? File, UpstreamOptions? Upstream, IReadOnlyList<CommandOptions> Commands)
{
    /// <summary>Reads the settings.</summary>
    /// <param name="settings">All layers.</param>
    /// <param name="terminal">Knows the home folder.</param>
    /// <returns>What is named, or the demo model.</returns>
    /// <exception cref="CommandFailedException">What is named does not exist.</exception>
    public static ModelSources Of(SettingsReader settings, Terminal terminal)
    {
        var upstream = UpstreamOf(settings);
        var commands = CommandsOf(settings, terminal);
        var file = settings.Text(SettingKey.Model, SharedOptions.Model) ?? (upstream is null && commands.Length == 0 ? DemoModel.Path : null);
        file = file is null ? null : Path.GetFullPath(SettingsReader.Expand(file, terminal));
        if (file is not null && !System.IO.File.Exists(file))
        {
            throw new CommandFailedException(ExitCode.Usage, $"there is no model file {file}.",
                file == DemoModel.Path ? "This build has no demo model: give --model FILE.gguf or --upstream URL." : "Give the path of a GGUF file.");
        }
        return new ModelSources(file, upstream, commands);
    }

    /// <summary>For people; never shows a key.</summary>
    public override string ToString() => string.Join(" and ", new[] { Path.GetFileName(File), Upstream?.BaseUrl.ToString() }.OfType<string>().Concat(Commands.Select(c => c.Model)));

    private static CommandOptions[] CommandsOf(SettingsReader settings, Terminal terminal)
    {
        try
        {
            return [.. settings.List(SettingKey.Commands, SharedOptions.Command).Select(file => CommandFile.Read(Path.GetFullPath(SettingsReader.Expand(file, terminal))))];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CommandFailedException(ExitCode.Usage, fault.Message, "The files in models/commands are examples.");
        }
    }

    private static UpstreamOptions? UpstreamOf(SettingsReader settings)
    {
        if (settings.Text(SettingKey.Upstream, SharedOptions.Upstream) is not string address)
            return null;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url))
            throw new CommandFailedException(ExitCode.Usage, $"'{address}' is no address of a server.", "It looks like http://127.0.0.1:8000/v1.");
        UpstreamOptions options = new()
        {
            BaseUrl = url,
            ApiKey = settings.Text(SettingKey.UpstreamKey, SharedOptions.UpstreamKey),
            Details = UpstreamModelsReader.Read(settings.Map(SettingKey.UpstreamModels)),
        };
        // What the models can do beyond the usual, such as "vision"; with a minus, what they can't of it.
        foreach (var capability in settings.List(SettingKey.UpstreamCapabilities))
        {
            options = options with
            {
                Capabilities = capability.StartsWith('-') ? [.. options.Capabilities.Where(c => c != capability[1..])] : [.. options.Capabilities.Union([capability])],
            };
        }

        var errors = UpstreamOptionsValidator.Errors(options);
        return errors.Count == 0 ? options : throw new CommandFailedException(ExitCode.Usage, string.Join(Environment.NewLine, errors));
    }
}
