using Flotilla.Cli.Settings;
using Spectre.Console;

namespace Flotilla.Cli.Output;

/// <summary>What a person needs once the gateway answers: where, with which key, and a first request to copy.</summary>
internal static class StartUpBox
{
    public static void Show(Terminal terminal, Credentials credentials, string dataFolder, IReadOnlyList<string> models)
    {
        (string Name, string Value)[] facts =
        [
            ("Base URL", credentials.BaseUrl),
            ("API key", credentials.ApiKey),
            (models.Count == 1 ? "Model" : "Models", models.Count > 0 ? string.Join(", ", models.Select(SafeText.ForTerminal)) : "none yet"),
            ("Data", dataFolder),
        ];
        var width = facts.Max(fact => fact.Name.Length);
        if (terminal.OutputIsInteractive)
        {
            Grid grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn());
            foreach (var (name, value) in facts)
                grid.AddRow(new Text(name, new Style(Color.Grey)), new Text(value));
            terminal.Console.WriteLine();
            terminal.Console.Write(new Panel(grid) { Header = new PanelHeader(" Flotilla is ready "), Border = BoxBorder.Rounded, Padding = new Padding(2, 0) });
        }
        else
        {
            terminal.Out.WriteLine("Flotilla is ready");
            foreach (var (name, value) in facts)
                terminal.Out.WriteLine($"  {name.PadRight(width)}  {value}");
        }
        // Outside the box, so that it can be copied.
        terminal.Out.WriteLine();
        terminal.Out.WriteLine("Try it:");
        terminal.Out.WriteLine("  ./flotilla chat" + DataFlag(terminal, dataFolder));
        terminal.Out.WriteLine(Curl(credentials, models.FirstOrDefault(IsPlain) ?? "MODEL"));
        terminal.Out.WriteLine();
        terminal.Out.WriteLine("Ctrl-C stops it, once running answers are finished.");
        terminal.Out.Flush();
    }

    private static string DataFlag(Terminal terminal, string dataFolder) =>
        dataFolder == SettingsReader.DefaultFolder(terminal) ? "" : $" --data {(dataFolder.Contains(' ', StringComparison.Ordinal) ? $"'{dataFolder}'" : dataFolder)}";

    // A model's name comes out of a file or from another server, and goes into a line that people paste into a shell.
    private static bool IsPlain(string name) => name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' or ':' or '/');

    private static string Curl(Credentials credentials, string model) => $$"""
          curl {{credentials.BaseUrl}}/chat/completions \
            -H "Authorization: Bearer {{credentials.ApiKey}}" \
            -H "Content-Type: application/json" \
            -d '{"model":"{{model}}","messages":[{"role":"user","content":"What is Flotilla?"}]}'
        """;
}
