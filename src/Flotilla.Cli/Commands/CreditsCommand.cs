using System.CommandLine;
using System.Text.Json.Nodes;
using Flotilla.Cli.Client;
using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;
using Flotilla.Core;

namespace Flotilla.Cli.Commands;

/// <summary><c>flotilla credits</c>: what the namespaces have left.</summary>
internal static class CreditsCommand
{
    private static readonly Option<string?> NamespaceOption = new("--namespace") { HelpName = "NAME", Description = "Which namespace [default: the first]" };
    private static readonly Option<string?> ReasonOption = new("--reason") { HelpName = "TEXT", Description = "Why, for the books" };
    private static readonly Argument<string> AmountArgument = new("AMOUNT") { Description = "How many credits, such as 500 or 12.5" };

    public static Command Create(Terminal terminal)
    {
        Command show = new Command("show", "Show each namespace's balance").ForAdmin();
        show.SetAction((parsed, ct) => ShowAsync(parsed, terminal, ct));
        Command add = new Command("add", "Add credits to a namespace") { AmountArgument, NamespaceOption, ReasonOption }.ForAdmin();
        add.SetAction((parsed, ct) => AddAsync(parsed, terminal, ct));
        Command all = new Command("credits", "Show and add credits (1 credit is nominally 0.01 USD)") { show, add }.ForAdmin();
        all.SetAction((parsed, ct) => ShowAsync(parsed, terminal, ct));
        return all;
    }

    private static async Task ShowAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        using var gateway = GatewayClient.Of(SettingsReader.Read(parsed, terminal));
        var answer = await gateway.AdminAsync(HttpMethod.Get, "namespaces", null, ct);
        Listing.Show(terminal, answer, parsed.GetValue(SharedOptions.Json), "No namespaces yet.",
            Column.Of("Namespace", "name"), Column.Of("ID", "id"), Column.Of("Available", "available", isNumber: true),
            Column.Of("Held", "held", isNumber: true), Column.Of("Posted", "posted", isNumber: true));
    }

    private static async Task AddAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        var amount = parsed.GetRequiredValue(AmountArgument);
        if (!Credits.TryParse(amount, out var credits) || credits <= Credits.Zero)
            throw new CommandFailedException(ExitCode.Usage, $"'{amount}' is no amount of credits.", "Give a number above 0 with at most six decimals, such as 500 or 12.5.");
        using var gateway = GatewayClient.Of(SettingsReader.Read(parsed, terminal));
        // Drawn here, so that an answer lost on the way and asked for again is the same funding.
        JsonObject body = new() { ["credits"] = credits.ToString(), ["id"] = TransferId.New(SystemIdSource.Instance).ToString() };
        if (parsed.GetValue(NamespaceOption) is string space)
            body["namespace"] = space;
        if (parsed.GetValue(ReasonOption) is string reason)
            body["reason"] = reason;
        var answer = await gateway.AdminAsync(HttpMethod.Post, "credits", body, ct);
        await terminal.Out.WriteLineAsync(parsed.GetValue(SharedOptions.Json)
            ? answer.GetRawText()
            : $"Added {credits} credits to {Column.Value(answer.GetProperty("data")[0], "name")}; {Column.Value(answer.GetProperty("data")[0], "available")} available.");
    }
}
