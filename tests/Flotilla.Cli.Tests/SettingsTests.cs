using System.CommandLine;
using System.Text.RegularExpressions;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Settings;
using Flotilla.Gateway;
using Xunit;

namespace Flotilla.Cli.Tests;

public sealed class SettingsTests : IDisposable
{
    private readonly CliRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_flag_wins_over_a_variable_and_a_variable_over_the_file()
    {
        File("""{ "port": 1, "host": "1.1.1.1", "name": "file" }""");
        _run.Environment["FLOTILLA__PORT"] = "2";
        _run.Environment["FLOTILLA__HOST"] = "2.2.2.2";
        var settings = Read("--port", "3");
        Assert.Equal(3, settings.Number(SettingKey.Port, SharedOptions.Port));
        Assert.Equal("2.2.2.2", settings.Text(SettingKey.Host, SharedOptions.Host));
        Assert.Equal("file", settings.Text(SettingKey.NodeName, SharedOptions.NodeName));
        Assert.Null(settings.Text(SettingKey.Region, SharedOptions.Region));
    }

    [Fact]
    public void Nested_settings_and_maps_are_read_from_file_and_variables()
    {
        File("""{ "compat": { "decentral_headers": true }, "aliases": { "gpt-4o-mini": "demo", "qwen3:8b": "demo" }, "public_hosts": ["a.example", "b.example"] }""");
        _run.Environment["FLOTILLA__ALIASES__gpt-4o"] = "big";
        var settings = Read();
        var options = GatewaySettings.Of(settings);
        Assert.True(options.CompatDecentralHeaders);
        Assert.Equal(new Dictionary<string, string> { ["gpt-4o-mini"] = "demo", ["qwen3:8b"] = "demo", ["gpt-4o"] = "big" }, options.Aliases);
        Assert.Equal(["a.example", "b.example"], options.PublicHosts);
    }

    [Fact]
    public void Every_setting_is_told_and_none_that_does_not_exist()
    {
        var told = System.IO.File.ReadLines(Path.Combine(AppContext.BaseDirectory, "settings.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Regex.Matches(line.Split('|')[1], "`([a-z_.]+)`").Select(match => match.Groups[1].Value)).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(SettingKey.Single.Concat(SettingKey.Several).Append(SettingKey.Data).Select(key => key.Replace(':', '.')).Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_hold_outlasts_the_job()
    {
        File("""{ "job_seconds": 1800 }""");
        var options = GatewaySettings.Of(Read());
        Assert.Equal((1800, 1860), (options.JobTimeout.TotalSeconds, options.HoldTimeout.TotalSeconds));
        File("""{ "job_seconds": 0 }""");
        Assert.Contains("JobTimeout", Assert.Throws<CommandFailedException>(() => GatewaySettings.Of(Read())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_are_fetched_from_nowhere_unless_hosts_are_named()
    {
        Assert.Empty(GatewaySettings.Of(Read()).Outbound.MediaHosts);
        File("""{ "media_hosts": ["images.example", "*.cdn.example"] }""");
        Assert.Equal(["images.example", "*.cdn.example"], GatewaySettings.Of(Read()).Outbound.MediaHosts);
    }

    [Fact]
    public void What_is_said_of_models_is_read_by_name()
    {
        File("""{ "models": { "qwen3:8b": { "recommended": true, "tier": "standard", "parameters": "8B" }, "old": { "notice_date": "2027-01-01", "shutdown_date": "2027-07-01" }, "guard3": { "guard": "template" } } }""");
        var models = GatewaySettings.Of(Read()).Models;
        Assert.Equal(new ModelNotes { Recommended = true, Tier = "standard", Parameters = "8B" }, models["qwen3:8b"]);
        Assert.Equal(new ModelNotes { NoticeDate = new DateOnly(2027, 1, 1), ShutdownDate = new DateOnly(2027, 7, 1) }, models["old"]);
        Assert.Equal(new ModelNotes { Guard = GuardPrompt.Template }, models["guard3"]);
    }

    [Fact]
    public void What_is_said_of_namespaces_is_read_by_name()
    {
        File("""{ "namespaces": { "shop:eu": { "region": "eu; strict" }, "ns_1": { "aliases": false, "videos": true } }, "video_hours": 48 }""");
        var options = GatewaySettings.Of(Read());
        var namespaces = options.Namespaces;
        Assert.Equal(new NamespaceNotes { Region = "eu; strict" }, namespaces["shop:eu"]);
        Assert.Equal(new NamespaceNotes { Aliases = false, Videos = true }, namespaces["ns_1"]);
        Assert.Equal(TimeSpan.FromHours(48), options.VideosKept);
    }

    [Theory]
    [InlineData("""{ "namespaces": { "n": { "region": "Mars" } } }""", "Namespaces.n.Region is 'Mars'")]
    [InlineData("""{ "namespaces": { "n": { "aliases": "some" } } }""", "namespaces.n:aliases")]
    [InlineData("""{ "namespaces": { "n": { "colour": "red" } } }""", "namespaces.n:colour")]
    [InlineData("""{ "namespaces": { "n": 1 } }""", "namespaces.n")]
    [InlineData("""{ "models": { "m": { "colour": "red" } } }""", "models.m:colour")]
    [InlineData("""{ "models": { "m": { "notice_date": "soon" } } }""", "models.m:notice_date")]
    [InlineData("""{ "models": { "m": { "recommended": "perhaps" } } }""", "models.m:recommended")]
    [InlineData("""{ "models": { "m": { "tier": "huge" } } }""", "Models.m.Tier")]
    [InlineData("""{ "models": { "m": { "guard": "yes" } } }""", "models.m:guard")]
    [InlineData("""{ "models": { "m": 1 } }""", "models.m")]
    public void A_wrong_word_on_a_model_or_a_namespace_is_named(string text, string named)
    {
        File(text);
        Assert.Contains(named, Assert.Throws<CommandFailedException>(() => GatewaySettings.Of(Read())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_upstream_can_beyond_the_usual_is_added_and_what_it_cannot_is_taken_away()
    {
        File("""{ "upstream": "http://127.0.0.1:1/v1", "upstream_capabilities": ["vision", "-tool_choice"] }""");
        var capabilities = ModelSources.Of(Read(), _run.Terminal).Upstream!.Capabilities;
        Assert.Contains("vision", capabilities);
        Assert.Contains("json_object", capabilities);
        Assert.DoesNotContain("tool_choice", capabilities);
    }

    [Fact]
    public void A_capability_that_is_no_name_is_named()
    {
        File("""{ "upstream": "http://127.0.0.1:1/v1", "upstream_capabilities": ["sees things"] }""");
        Assert.Contains("sees things", Assert.Throws<CommandFailedException>(() => ModelSources.Of(Read(), _run.Terminal)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_said_of_an_upstreams_models_is_read_by_name()
    {
        File("""
            { "upstream": "http://127.0.0.1:1/v1", "upstream_models": {
              "kokoro:82m": { "capabilities": ["speech"], "voices": { "alloy": "af_heart" }, "seconds": 300 }, "whisper": { "capabilities": ["transcription", "translation"] }, "tts": { "voices": ["nova", "echo"] } } }
            """);
        var models = ModelSources.Of(Read(), _run.Terminal).Upstream!.Details;
        Assert.Equal(["kokoro:82m", "tts", "whisper"], models.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["speech"], models["kokoro:82m"].Capabilities);
        Assert.Equal(new Dictionary<string, string> { ["alloy"] = "af_heart" }, models["kokoro:82m"].Voices);
        Assert.Equal(300, models["kokoro:82m"].Seconds);
        Assert.Equal(["transcription", "translation"], models["whisper"].Capabilities!.Order(StringComparer.Ordinal));
        Assert.Null(models["tts"].Capabilities);
        Assert.Equal(new Dictionary<string, string> { ["nova"] = "nova", ["echo"] = "echo" }, models["tts"].Voices);
    }

    [Theory]
    [InlineData("""{ "m": { "colour": "red" } }""", "upstream_models.m:colour")]
    [InlineData("""{ "m": { "seconds": "long" } }""", "upstream_models.m:seconds")]
    [InlineData("""{ "m": { "seconds": 0 } }""", "allow 0 s")]
    [InlineData("""{ "m": { "capabilities": "speech" } }""", "upstream_models.m:capabilities")]
    [InlineData("""{ "m": { "capabilities": ["sees things"] } }""", "sees things")]
    [InlineData("""{ "m": 1 }""", "upstream_models.m")]
    public void A_wrong_word_on_an_upstreams_model_is_named(string models, string named)
    {
        File($$"""{ "upstream": "http://127.0.0.1:1/v1", "upstream_models": {{models}} }""");
        Assert.Contains(named, Assert.Throws<CommandFailedException>(() => ModelSources.Of(Read(), _run.Terminal)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_and_origins_are_read_and_what_is_not_set_keeps_its_default()
    {
        File("""{ "limits": { "key": { "requests_per_minute": 60, "concurrency": 0 } }, "cors_origins": ["https://app.example"] }""");
        _run.Environment["FLOTILLA__LIMITS__NAMESPACE__TOKENS_PER_MINUTE"] = "5000";
        var defaults = new Gateway.GatewayOptions { DataFolder = _run.Folder };
        var options = GatewaySettings.Of(Read());
        Assert.Equal(defaults.KeyLimits with { RequestsPerMinute = 60, Concurrency = 0 }, options.KeyLimits);
        Assert.Equal(defaults.NamespaceLimits with { TokensPerMinute = 5000 }, options.NamespaceLimits);
        Assert.Equal(["https://app.example"], options.CorsOrigins);
    }

    [Fact]
    public void Where_the_gateway_may_go_and_when_credits_are_low_is_read()
    {
        File("""{ "outbound_hosts": ["*.example"], "outbound_private_ranges": ["10.0.0.0/8", "::1/128"], "outbound_allow_http": true, "credit_low": 250 }""");
        var options = GatewaySettings.Of(Read());
        Assert.Equal(["*.example"], options.Outbound.Hosts);
        Assert.Equal(["10.0.0.0/8", "::1/128"], options.Outbound.PrivateRanges);
        Assert.True(options.Outbound.AllowHttp);
        Assert.Equal("250", options.CreditLow.ToString());
        File("""{ "outbound_private_ranges": ["10.0.0.0/33"] }""");
        Assert.Contains("10.0.0.0/33", Assert.Throws<CommandFailedException>(() => GatewaySettings.Of(Read())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_stand_where_no_layer_says_anything()
    {
        var options = GatewaySettings.Of(Read());
        Assert.Equal(("127.0.0.1", 8080), (options.Host, options.Port));
        Assert.Equal(_run.Folder, options.DataFolder);
    }

    [Fact]
    public void The_data_folder_may_begin_with_the_home_folder()
    {
        var settings = Read("--data", "~/elsewhere");
        Assert.Equal(Path.Combine(_run.Folder, "elsewhere"), settings.DataFolder);
    }

    [Theory]
    [InlineData("""{ "prot": 1 }""", "prot")]
    [InlineData("""{ "compat": { "headers": true } }""", "compat.headers")]
    [InlineData("""{ "port": 8080, }, """, "flotilla.json")]
    [InlineData("[1]", "flotilla.json")]
    public void A_file_with_an_unknown_setting_or_no_JSON_is_refused(string text, string named)
    {
        File(text);
        var refused = Assert.Throws<CommandFailedException>(() => Read());
        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_variable_is_refused_by_its_name()
    {
        _run.Environment["FLOTILLA__PROT"] = "1";
        Assert.Contains("FLOTILLA__PROT", Assert.Throws<CommandFailedException>(() => Read()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FLOTILLA__PORT", "many", "whole number")]
    [InlineData("FLOTILLA__PORT", "70000", "65535")]
    [InlineData("FLOTILLA__COMPAT__DECENTRAL_HEADERS", "yes", "true or false")]
    public void A_wrong_value_is_refused_with_what_is_allowed(string name, string value, string allowed)
    {
        _run.Environment[name] = value;
        var refused = Assert.Throws<CommandFailedException>(() => GatewaySettings.Of(Read()));
        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Assert.Contains(allowed, refused.Message, StringComparison.Ordinal);
    }

    private void File(string text) => System.IO.File.WriteAllText(Path.Combine(_run.Folder, "flotilla.json"), text);

    private SettingsReader Read(params string[] arguments)
    {
        RootCommand root = new() { SharedOptions.Data, SharedOptions.Model, SharedOptions.Upstream, SharedOptions.UpstreamKey, SharedOptions.Port, SharedOptions.Host, SharedOptions.NodeName, SharedOptions.Region };
        return SettingsReader.Read(root.Parse(arguments), _run.Terminal);
    }
}
