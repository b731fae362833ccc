namespace Flotilla.Cli.Settings;

/// <summary>Every setting by its name in <c>flotilla.json</c>, told in docs/settings.md; the variable is <c>FLOTILLA__</c> and the name, with <c>__</c> for each point.</summary>
internal static class SettingKey
{
    public const string Data = "data";
    public const string Host = "host";
    public const string Port = "port";
    public const string PublicHosts = "public_hosts";
    public const string Aliases = "aliases";
    public const string ModelNotes = "models";
    public const string NamespaceNotes = "namespaces";
    public const string DecentralHeaders = "compat:decentral_headers";
    public const string AdminFromAnywhere = "admin_from_anywhere";
    public const string CorsOrigins = "cors_origins";
    public const string OutboundHosts = "outbound_hosts";
    public const string MediaHosts = "media_hosts";
    public const string OutboundPrivateRanges = "outbound_private_ranges";
    public const string OutboundAllowHttp = "outbound_allow_http";
    public const string CreditLow = "credit_low";
    public const string KeyLimits = "limits:key:";
    public const string NamespaceLimits = "limits:namespace:";
    public const string RequestsPerMinute = "requests_per_minute";
    public const string TokensPerMinute = "tokens_per_minute";
    public const string Concurrency = "concurrency";
    public const string JobSeconds = "job_seconds";
    public const string DrainSeconds = "drain_seconds";
    public const string BatchPricePercent = "batch_price_percent";
    public const string StoredMebibytes = "stored_mebibytes";
    public const string VideoHours = "video_hours";
    public const string Model = "model";
    public const string Upstream = "upstream";
    public const string UpstreamKey = "upstream_key";
    public const string Commands = "commands";
    public const string UpstreamCapabilities = "upstream_capabilities";
    public const string UpstreamModels = "upstream_models";
    public const string NodeName = "name";
    public const string Region = "region";
    public const string Slots = "slots";
    public const string Threads = "threads";
    public const string Gateway = "gateway";
    public const string Token = "token";
    public const string AllowInsecure = "allow_insecure";
    public const string ApiKey = "api_key";
    public const string AdminKey = "admin_key";

    /// <summary>Settings with one value.</summary>
    public static readonly IReadOnlySet<string> Single = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        Host, Port, DecentralHeaders, AdminFromAnywhere, OutboundAllowHttp, CreditLow, JobSeconds, DrainSeconds, StoredMebibytes, VideoHours, BatchPricePercent, Model, Upstream, UpstreamKey, NodeName, Region, Slots, Threads,
        Gateway, Token, AllowInsecure, ApiKey, AdminKey,
        KeyLimits + RequestsPerMinute, KeyLimits + TokensPerMinute, KeyLimits + Concurrency,
        NamespaceLimits + RequestsPerMinute, NamespaceLimits + TokensPerMinute, NamespaceLimits + Concurrency,
    };

    /// <summary>Settings with several values, by name or in order.</summary>
    public static readonly IReadOnlySet<string> Several = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        Aliases, PublicHosts, CorsOrigins, OutboundHosts, MediaHosts, OutboundPrivateRanges, ModelNotes, NamespaceNotes, UpstreamCapabilities, UpstreamModels, Commands,
    };
}
