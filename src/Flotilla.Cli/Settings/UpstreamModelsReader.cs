using System.Globalization;
using Flotilla.Node.Runtimes;

namespace Flotilla.Cli.Settings;

/// <summary>Reads what <c>flotilla.json</c> says of an upstream's models: <c>"upstream_models": {"NAME": {"capabilities": ["speech"], "voices": {"alloy": "theirs"}, "seconds": 300}}</c>.</summary>
internal static class UpstreamModelsReader
{
    private const string Capabilities = "capabilities", Voices = "voices", Seconds = "seconds";

    /// <param name="entries">By <c>NAME:FIELD</c> and <c>NAME:FIELD:ITEM</c>; a model's name may hold colons itself.</param>
    /// <exception cref="CommandFailedException">A field is unknown, or its value is not of its kind.</exception>
    public static IReadOnlyDictionary<string, UpstreamModelOptions> Read(IReadOnlyDictionary<string, string> entries)
    {
        Dictionary<string, UpstreamModelOptions> models = new(StringComparer.Ordinal);
        foreach (var (key, value) in entries)
        {
            var parts = key.Split(':');
            var isItem = parts.Length > 2 && parts[^2] is Capabilities or Voices;
            var name = string.Join(':', parts[..^(isItem ? 2 : 1)]);
            if (name.Length == 0)
                throw new CommandFailedException(ExitCode.Usage, $"the setting {SettingKey.UpstreamModels}.{key} must be an object.");
            models[name] = With(models.GetValueOrDefault(name) ?? new UpstreamModelOptions(), key, isItem ? parts[^2] : parts[^1], isItem ? parts[^1] : null, value);
        }

        return models;
    }

    private static UpstreamModelOptions With(UpstreamModelOptions model, string key, string field, string? item, string value) => (field, item) switch
    {
        (Capabilities, not null) => model with { Capabilities = [.. model.Capabilities ?? [], value] },
        // A list of voices is a map of each to itself.
        (Voices, not null) => model with { Voices = new Dictionary<string, string>(model.Voices, StringComparer.Ordinal) { [IsIndex(item) ? value : item] = value } },
        (Seconds, null) => model with { Seconds = int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) ? seconds : throw Wrong(key, value) },
        _ => throw new CommandFailedException(
            ExitCode.Usage, $"the setting {SettingKey.UpstreamModels}.{key} does not exist; a model has capabilities (a list), voices (a list, or names by names) and seconds."),
    };

    private static bool IsIndex(string item) => int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static CommandFailedException Wrong(string key, string value) =>
        new(ExitCode.Usage, $"the setting {SettingKey.UpstreamModels}.{key} is '{value}'; it must be a whole number.");
}
