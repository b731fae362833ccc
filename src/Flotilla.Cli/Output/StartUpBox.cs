using Flotilla.Cli.Settings;
using Spectre.Console;
using Model = Flotilla.Protocol.Link.Model;

namespace Flotilla.Cli.Output;

/// <summary>What a person needs once the gateway answers: where, with which key, and a first request to copy.</summary>
internal static class StartUpBox
{
    public static void Show(Terminal terminal, Credentials credentials, string dataFolder, IReadOnlyList<Model> models)
    {
        (string Name, string Value)[] facts =
        [
            ("Base URL", credentials.BaseUrl),
            ("API key", credentials.ApiKey),
            (models.Count == 1 ? "Model" : "Models", models.Count > 0 ? string.Join(", ", models.Select(model => SafeText.ForTerminal(model.Name))) : "none yet"),
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
        if (models.Count == 0 || models.Any(FirstRequest.Chats))
            terminal.Out.WriteLine("  ./flotilla chat" + DataFlag(terminal, dataFolder));
        terminal.Out.WriteLine(FirstRequest.For(credentials, models));
        terminal.Out.WriteLine();
        terminal.Out.WriteLine("Ctrl-C stops it, once running answers are finished.");
        terminal.Out.Flush();
    }

    private static string DataFlag(Terminal terminal, string dataFolder) =>
        dataFolder == SettingsReader.DefaultFolder(terminal) ? "" : $" --data {(dataFolder.Contains(' ', StringComparison.Ordinal) ? $"'{dataFolder}'" : dataFolder)}";
}
