using System.Globalization;
using Flotilla.Gateway;

namespace Flotilla.Cli.Settings;

/// <summary>Reads what <c>flotilla.json</c> says of models: <c>"models": {"NAME": {"recommended": true, …}}</c>.</summary>
internal static class ModelNotesReader
{
    private const string DateForm = "yyyy-MM-dd";

    /// <param name="entries">By <c>NAME:FIELD</c>; a model's name may hold colons itself.</param>
    /// <exception cref="CommandFailedException">A field is unknown, or its value is not of its kind.</exception>
    public static IReadOnlyDictionary<string, ModelNotes> Read(IReadOnlyDictionary<string, string> entries)
    {
        Dictionary<string, ModelNotes> models = new(StringComparer.Ordinal);
        foreach (var (key, value) in entries)
        {
            var at = key.LastIndexOf(':');
            if (at <= 0)
                throw new CommandFailedException(ExitCode.Usage, $"the setting {SettingKey.ModelNotes}.{key} must be an object.");
            var name = key[..at];
            models[name] = With(models.GetValueOrDefault(name) ?? new ModelNotes(), key, key[(at + 1)..], value);
        }

        return models;
    }

    private static ModelNotes With(ModelNotes notes, string key, string field, string value) => field switch
    {
        "recommended" => notes with { Recommended = bool.TryParse(value, out var yes) ? yes : throw Wrong(key, value, "true or false") },
        "notice_date" => notes with { NoticeDate = Date(key, value) },
        "shutdown_date" => notes with { ShutdownDate = Date(key, value) },
        "tier" => notes with { Tier = value },
        "parameters" => notes with { Parameters = value },
        "guard" => notes with { Guard = value switch { "template" => GuardPrompt.Template, "written" => GuardPrompt.Written, _ => throw Wrong(key, value, "template or written") } },
        _ => throw new CommandFailedException(
            ExitCode.Usage, $"the setting {SettingKey.ModelNotes}.{key} does not exist; a model has recommended, notice_date, shutdown_date, tier, parameters and guard."),
    };

    private static DateOnly Date(string key, string value) =>
        DateOnly.TryParseExact(value, DateForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : throw Wrong(key, value, "a date such as 2027-01-31");

    private static CommandFailedException Wrong(string key, string value, string expected) =>
        new(ExitCode.Usage, $"the setting {SettingKey.ModelNotes}.{key} is '{value}'; it must be {expected}.");
}
