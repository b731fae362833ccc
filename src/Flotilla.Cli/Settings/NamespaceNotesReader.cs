using Flotilla.Gateway;

namespace Flotilla.Cli.Settings;

/// <summary>Reads what <c>flotilla.json</c> says of namespaces: <c>"namespaces": {"NAME OR ID": {"region": "EU", "aliases": false, "videos": true}}</c>.</summary>
internal static class NamespaceNotesReader
{
    /// <param name="entries">By <c>NAME:FIELD</c>; a namespace's name may hold colons itself.</param>
    /// <exception cref="CommandFailedException">A field is unknown, or its value is not of its kind.</exception>
    public static IReadOnlyDictionary<string, NamespaceNotes> Read(IReadOnlyDictionary<string, string> entries)
    {
        Dictionary<string, NamespaceNotes> namespaces = new(StringComparer.Ordinal);
        foreach (var (key, value) in entries)
        {
            var at = key.LastIndexOf(':');
            if (at <= 0)
                throw new CommandFailedException(ExitCode.Usage, $"the setting {SettingKey.NamespaceNotes}.{key} must be an object.");
            var name = key[..at];
            var notes = namespaces.GetValueOrDefault(name) ?? new NamespaceNotes();
            namespaces[name] = key[(at + 1)..] switch
            {
                "region" => notes with { Region = value },
                "aliases" => notes with { Aliases = Switch(key, value) },
                "videos" => notes with { Videos = Switch(key, value) },
                _ => throw new CommandFailedException(ExitCode.Usage, $"the setting {SettingKey.NamespaceNotes}.{key} does not exist; a namespace has region, aliases and videos."),
            };
        }

        return namespaces;
    }

    private static bool Switch(string key, string value) => bool.TryParse(value, out var isOn)
        ? isOn
        : throw new CommandFailedException(ExitCode.Usage, $"the setting {SettingKey.NamespaceNotes}.{key} is '{value}'; it must be true or false.");
}
