using Flotilla.Node;

namespace Flotilla.Cli.Settings;

/// <summary>Turns settings into the node's options.</summary>
internal static class NodeSettings
{
    /// <summary>The options of a node.</summary>
    /// <param name="settings">All layers.</param>
    /// <param name="gateways">Whom it dials.</param>
    /// <param name="joinToken">Lets it in the first time; null when it was let in before.</param>
    /// <param name="dataFolder">Where its key lies.</param>
    /// <exception cref="CommandFailedException">A setting is wrong; the message has all that is.</exception>
    public static NodeOptions Of(SettingsReader settings, IReadOnlyList<Uri> gateways, string? joinToken, string dataFolder)
    {
        NodeOptions defaults = new() { Gateways = gateways, DataFolder = dataFolder, JoinToken = joinToken };
        var options = defaults with
        {
            Name = settings.Text(SettingKey.NodeName, SharedOptions.NodeName) ?? Environment.MachineName,
            Region = settings.Text(SettingKey.Region, SharedOptions.Region)?.ToUpperInvariant() ?? defaults.Region,
            Slots = settings.Number(SettingKey.Slots, SharedOptions.Slots) ?? defaults.Slots,
            AllowInsecure = settings.Switch(SettingKey.AllowInsecure, SharedOptions.AllowInsecure),
            DrainLimit = settings.Number(SettingKey.DrainSeconds) is int seconds ? TimeSpan.FromSeconds(seconds) : defaults.DrainLimit,
        };
        var errors = NodeOptionsValidator.Errors(options);
        return errors.Count == 0 ? options : throw new CommandFailedException(ExitCode.Usage, string.Join(Environment.NewLine, errors));
    }
}
