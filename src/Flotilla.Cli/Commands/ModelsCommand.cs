using System.CommandLine;
using Flotilla.Cli.Client;
using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;

namespace Flotilla.Cli.Commands;

/// <summary><c>flotilla models</c>: what can be asked for, and what it costs.</summary>
internal static class ModelsCommand
{
    public static Command Create(Terminal terminal)
    {
        Command models = new Command("models", "List the models that are served, with their prices").ForAdmin();
        models.SetAction((parsed, ct) => ListAsync(parsed, terminal, ct));
        return models;
    }

    private static async Task ListAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        using var gateway = GatewayClient.Of(SettingsReader.Read(parsed, terminal));
        var answer = await gateway.AdminAsync(HttpMethod.Get, "models", null, ct);
        Listing.Show(terminal, answer, parsed.GetValue(SharedOptions.Json), "No model is served now: 'flotilla nodes list' shows who could.",
            Column.Of("Model", "name"), Column.Of("Aliases", "aliases"), Column.Of("Nodes", "nodes", isNumber: true),
            Column.Of("Context", "context_tokens", isNumber: true), Price("In / 1M", "input"), Price("Cached / 1M", "cached_input"), Price("Out / 1M", "output"));
    }

    private static Column Price(string header, string property) =>
        new(header, row => row.TryGetProperty("price", out var price) ? Column.Value(price, property) : "", IsNumber: true);
}
