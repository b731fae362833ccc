using System.Xml.Linq;

namespace Flotilla.Tidy.Tests;

/// <summary>Which room may use which: the walls of docs/architecture.md.</summary>
public static class ReferenceMap
{
    /// <summary>Room → the rooms that it may reference. A room that is not here does not exist.</summary>
    public static IReadOnlyDictionary<string, string[]> Allowed { get; } = new Dictionary<string, string[]>
    {
        ["Core"] = [],
        ["Protocol"] = ["Core"],
        ["Engine"] = ["Core"],
        ["Ledger"] = ["Core"],
        ["Gateway"] = ["Protocol", "Ledger", "Core"],
        ["Node"] = ["Protocol", "Engine", "Core"],
        ["Console"] = ["Protocol", "Core"],
        ["Cli"] = ["Core", "Protocol", "Engine", "Ledger", "Gateway", "Node", "Console"],
    };

    /// <summary>What a project file of <c>src/</c> references against the map.</summary>
    public static IEnumerable<string> Violations(SourceFile project)
    {
        string room = Room(project.Path);
        if (!Allowed.TryGetValue(room, out string[]? allowed))
        {
            yield return $"{project.Path}: the room {room} is not on the map in ReferenceMap.cs";
            yield break;
        }
        XElement xml = XElement.Parse(project.Text);
        foreach (string reference in Includes(xml, "ProjectReference").Select(Room).Where(reference => !allowed.Contains(reference)))
            yield return $"{project.Path}: {room} may not reference {reference}; allowed: {string.Join(", ", allowed.DefaultIfEmpty("nothing"))}";
        foreach (string package in Includes(xml, "PackageReference").Where(_ => room == "Core"))
            yield return $"{project.Path}: Core uses the base class library only, not {package}";
    }

    private static IEnumerable<string> Includes(XElement project, string item) =>
        project.Descendants(item).Select(element => (string?)element.Attribute("Include")).OfType<string>();

    private static string Room(string projectPath) =>
        Path.GetFileNameWithoutExtension(projectPath.Replace('\\', '/')).Replace("Flotilla.", "", StringComparison.Ordinal);
}
