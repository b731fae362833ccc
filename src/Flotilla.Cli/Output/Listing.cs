using System.Text.Json;
using Spectre.Console;

namespace Flotilla.Cli.Output;

/// <summary>Shows the rows of one answer: a table for people, the gateway's own JSON for programs.</summary>
internal static class Listing
{
    /// <summary>Writes the rows of <c>{"data":[…]}</c>.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="answer">The gateway's answer.</param>
    /// <param name="asJson">Writes the answer as it came, on one line.</param>
    /// <param name="empty">What to say when there is no row, with what to do about it.</param>
    /// <param name="columns">What of each row to show.</param>
    public static void Show(Terminal terminal, JsonElement answer, bool asJson, string empty, params Column[] columns)
    {
        if (asJson)
        {
            terminal.Out.WriteLine(answer.GetRawText());
            return;
        }
        JsonElement[] rows = answer.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array ? [.. data.EnumerateArray()] : [];
        if (rows.Length == 0)
        {
            terminal.Error.WriteLine(empty);
            return;
        }
        Table table = new();
        table.Border(terminal.OutputIsInteractive ? TableBorder.Rounded : TableBorder.None);
        foreach (var column in columns)
        {
            TableColumn head = new(new Text(column.Header, new Style(decoration: Decoration.Bold)));
            if (column.IsNumber)
                head.RightAligned();
            table.AddColumn(head.NoWrap());
        }
        foreach (var row in rows)
            table.AddRow(columns.Select(column => new Text(SafeText.ForTerminal(column.Text(row)))));
        terminal.Console.Write(table);
    }
}
