using System.CommandLine;
using System.Globalization;
using Flotilla.Cli.Output;
using Microsoft.Extensions.Configuration;

namespace Flotilla.Cli.Settings;

/// <summary>The settings of one run: a flag wins over a variable, a variable over the file in the data folder.</summary>
internal sealed class SettingsReader
{
    private const string VariablePrefix = "FLOTILLA__";
    private const string FileName = "flotilla.json";

    private readonly ParseResult _parsed;
    private readonly IConfigurationRoot _layers;

    private SettingsReader(ParseResult parsed, string dataFolder, IConfigurationRoot layers) =>
        (_parsed, DataFolder, _layers) = (parsed, dataFolder, layers);

    /// <summary>The folder of keys, ledger and credentials; a full path.</summary>
    public string DataFolder { get; }

    /// <summary>Reads all layers.</summary>
    /// <exception cref="CommandFailedException">The file is no JSON object, or a layer names a setting that does not exist.</exception>
    public static SettingsReader Read(ParseResult parsed, Terminal terminal)
    {
        var variables = terminal.Environment
            .Where(variable => variable.Key.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(variable => variable.Key[VariablePrefix.Length..].Replace("__", ":", StringComparison.Ordinal), variable => (string?)variable.Value, StringComparer.OrdinalIgnoreCase);
        variables.Remove(SettingKey.Data, out var dataVariable);
        var folder = (parsed.GetValue(SharedOptions.Data) ?? dataVariable) is string given ? Path.GetFullPath(Expand(given, terminal)) : DefaultFolder(terminal);
        Refuse(variables.Keys, "the environment", name => VariablePrefix + name.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant());

        ConfigurationBuilder builder = new();
        var file = Path.Combine(folder, FileName);
        if (File.Exists(file))
            builder.AddInMemoryCollection(ReadFile(file));
        builder.AddInMemoryCollection(variables);
        return new SettingsReader(parsed, folder, builder.Build());
    }

    /// <summary>The data folder where nobody names one.</summary>
    public static string DefaultFolder(Terminal terminal) => Path.GetFullPath(Expand("~/.flotilla", terminal));

    /// <summary>A path as the user gave it, with <c>~</c> for the home folder: a shell does not replace it after an equals sign.</summary>
    public static string Expand(string path, Terminal terminal) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
            ? (terminal.Environment.GetValueOrDefault("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)) + path[1..]
            : path;

    /// <summary>The value; null when no layer has one.</summary>
    public string? Text(string key, Option<string?>? flag = null) =>
        (flag is null ? null : _parsed.GetValue(flag)) ?? (string.IsNullOrEmpty(_layers[key]) ? null : _layers[key]);

    /// <summary>A whole number.</summary>
    /// <exception cref="CommandFailedException">It is something else.</exception>
    public int? Number(string key, Option<int?>? flag = null)
    {
        if (flag is not null && _parsed.GetValue(flag) is int given)
            return given;
        if (Text(key) is not string text)
            return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new CommandFailedException(ExitCode.Usage, $"the setting {Name(key)} is '{text}'; it must be a whole number.");
    }

    /// <summary>A switch; off when no layer has it.</summary>
    /// <exception cref="CommandFailedException">It is neither <c>true</c> nor <c>false</c>.</exception>
    public bool Switch(string key, Option<bool>? flag = null)
    {
        if (flag is not null && _parsed.GetValue(flag))
            return true;
        if (Text(key) is not string text)
            return false;
        return bool.TryParse(text, out var on)
            ? on
            : throw new CommandFailedException(ExitCode.Usage, $"the setting {Name(key)} is '{text}'; it must be true or false.");
    }

    /// <summary>The values of a setting that is a list, in order.</summary>
    public IReadOnlyList<string> List(string key, Option<string[]>? flag = null) => flag is not null && _parsed.GetValue(flag) is { Length: > 0 } given
        ? given
        : [.. _layers.GetSection(key).GetChildren().Select(child => child.Value).OfType<string>()];

    /// <summary>The values of a setting that has several, by name. A name may hold colons, as those of models do.</summary>
    public IReadOnlyDictionary<string, string> Map(string key) => _layers.GetSection(key).AsEnumerable(makePathsRelative: true)
        .Where(entry => entry.Value is not null)
        .ToDictionary(entry => entry.Key, entry => entry.Value!, StringComparer.Ordinal);

    private static Dictionary<string, string?> ReadFile(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var values = new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable()
                .Where(entry => entry.Value is not null).ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.OrdinalIgnoreCase);
            Refuse(values.Keys, file, Name);
            return values;
        }
        catch (Exception fault) when (fault is FormatException or InvalidDataException or System.Text.Json.JsonException)
        {
            throw new CommandFailedException(ExitCode.Usage, $"{file} is not a JSON object: {fault.InnerException?.Message ?? fault.Message}");
        }
    }

    // A misspelt setting that is passed over in silence is found much later, in production.
    private static void Refuse(IEnumerable<string> names, string where, Func<string, string> shown)
    {
        string[] unknown = [.. names.Where(name => !SettingKey.Single.Contains(name) && !SettingKey.Several.Contains(name.Split(':')[0])).Select(shown)];
        if (unknown.Length > 0)
            throw new CommandFailedException(ExitCode.Usage, $"{where} has settings that do not exist: {string.Join(", ", unknown)}.",
                $"Known settings: {string.Join(", ", SettingKey.Single.Concat(SettingKey.Several).Select(Name).Order(StringComparer.Ordinal))}.");
    }

    private static string Name(string key) => key.Replace(':', '.');
}
