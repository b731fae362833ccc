using Flotilla.Core;
using Flotilla.Gateway;

namespace Flotilla.Cli.Settings;

/// <summary>Turns settings into the gateway's options.</summary>
internal static class GatewaySettings
{
    private const int BasisPointsPerPercent = 100;
    private const long BytesPerMebibyte = 1024 * 1024;

    /// <exception cref="CommandFailedException">A setting is wrong; the message has all that is.</exception>
    public static GatewayOptions Of(SettingsReader settings)
    {
        GatewayOptions defaults = new() { DataFolder = settings.DataFolder };
        if (settings.Number(SettingKey.JobSeconds) is int jobSeconds)
            defaults = defaults with { JobTimeout = TimeSpan.FromSeconds(jobSeconds), HoldTimeout = TimeSpan.FromSeconds(jobSeconds) + defaults.HoldTimeout - defaults.JobTimeout };
        var options = defaults with
        {
            Host = settings.Text(SettingKey.Host, SharedOptions.Host) ?? defaults.Host,
            Port = settings.Number(SettingKey.Port, SharedOptions.Port) ?? defaults.Port,
            PublicHosts = settings.List(SettingKey.PublicHosts),
            Aliases = settings.Map(SettingKey.Aliases),
            Models = ModelNotesReader.Read(settings.Map(SettingKey.ModelNotes)),
            Namespaces = NamespaceNotesReader.Read(settings.Map(SettingKey.NamespaceNotes)),
            CompatDecentralHeaders = settings.Switch(SettingKey.DecentralHeaders),
            AdminFromAnywhere = settings.Switch(SettingKey.AdminFromAnywhere),
            CorsOrigins = settings.List(SettingKey.CorsOrigins),
            Outbound = new OutboundOptions
            {
                Hosts = settings.List(SettingKey.OutboundHosts),
                MediaHosts = settings.List(SettingKey.MediaHosts),
                PrivateRanges = settings.List(SettingKey.OutboundPrivateRanges),
                AllowHttp = settings.Switch(SettingKey.OutboundAllowHttp),
            },
            CreditLow = settings.Number(SettingKey.CreditLow) is int credits ? new Credits(credits * Credits.MicroPerCredit) : defaults.CreditLow,
            KeyLimits = Limits(settings, SettingKey.KeyLimits, defaults.KeyLimits),
            NamespaceLimits = Limits(settings, SettingKey.NamespaceLimits, defaults.NamespaceLimits),
            BatchPriceBasisPoints = settings.Number(SettingKey.BatchPricePercent) is int percent ? percent * BasisPointsPerPercent : defaults.BatchPriceBasisPoints,
            StoredBytesMax = settings.Number(SettingKey.StoredMebibytes) is int mebibytes ? mebibytes * BytesPerMebibyte : defaults.StoredBytesMax,
            VideosKept = settings.Number(SettingKey.VideoHours) is int hours ? TimeSpan.FromHours(hours) : defaults.VideosKept,
            DrainTimeout = settings.Number(SettingKey.DrainSeconds) is int seconds ? TimeSpan.FromSeconds(seconds) : defaults.DrainTimeout,
        };
        var faults = GatewayOptionsValidator.Faults(options);
        return faults.Count == 0 ? options : throw new CommandFailedException(ExitCode.Usage, string.Join(Environment.NewLine, faults));
    }

    private static RateLimits Limits(SettingsReader settings, string prefix, RateLimits defaults) => new(
        settings.Number(prefix + SettingKey.RequestsPerMinute) ?? defaults.RequestsPerMinute,
        settings.Number(prefix + SettingKey.TokensPerMinute) ?? defaults.TokensPerMinute,
        settings.Number(prefix + SettingKey.Concurrency) ?? defaults.Concurrency);
}
