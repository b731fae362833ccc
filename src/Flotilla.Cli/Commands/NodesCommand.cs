using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.Cli.Client;
using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;

namespace Flotilla.Cli.Commands;

/// <summary><c>flotilla nodes</c>: the machines that do the work.</summary>
internal static class NodesCommand
{
    private static readonly Option<int?> MinutesOption = new("--minutes") { HelpName = "N", Description = "How long the token is good for [default: 60]" };
    private static readonly Argument<string> IdArgument = new("ID") { Description = "The node's id" };

    public static Command Create(Terminal terminal)
    {
        Command list = new Command("list", "List the nodes that have joined, and what they serve").ForAdmin();
        list.SetAction((parsed, ct) => ListAsync(parsed, terminal, ct));
        Command invite = new Command("invite", "Make a token with which one more machine can join") { MinutesOption }.ForAdmin();
        invite.SetAction((parsed, ct) => InviteAsync(parsed, terminal, ct));
        Command revoke = new Command("revoke", "Shut a node out, for good") { IdArgument }.ForAdmin();
        revoke.SetAction((parsed, ct) => RevokeAsync(parsed, terminal, ct));
        Command nodes = new Command("nodes", "List, invite and revoke nodes") { list, invite, revoke }.ForAdmin();
        nodes.SetAction((parsed, ct) => ListAsync(parsed, terminal, ct));
        return nodes;
    }

    private static async Task ListAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        using var gateway = GatewayClient.Of(SettingsReader.Read(parsed, terminal));
        var answer = await gateway.AdminAsync(HttpMethod.Get, "nodes", null, ct);
        Listing.Show(terminal, answer, parsed.GetValue(SharedOptions.Json), "No node has joined yet: 'flotilla nodes invite' makes a token for one.",
            Column.Of("ID", "id"), Column.Of("Name", "name"), Column.Of("Status", "status"), new Column("Models", Models),
            new Column("Jobs", row => $"{Column.Value(row, "running")}/{Column.Value(row, "slots")}", IsNumber: true),
            Column.Of("Region", "region"), Column.Of("Earned", "earned", isNumber: true));
    }

    private static string Models(JsonElement node) => node.TryGetProperty("models", out var models) && models.ValueKind == JsonValueKind.Array
        ? string.Join(", ", models.EnumerateArray().Select(Model))
        : "";

    private static string Model(JsonElement model) =>
        model.TryGetProperty("admitted", out var admitted) && admitted.ValueKind == JsonValueKind.False
            ? $"{Column.Value(model, "name")} (not admitted: {Column.Value(model, "reason")})"
            : Column.Value(model, "name");

    private static async Task InviteAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        using var gateway = GatewayClient.Of(SettingsReader.Read(parsed, terminal));
        JsonObject body = [];
        if (parsed.GetValue(MinutesOption) is int minutes)
            body["minutes"] = minutes;
        var answer = await gateway.AdminAsync(HttpMethod.Post, "join-tokens", body, ct);
        if (parsed.GetValue(SharedOptions.Json))
        {
            await terminal.Out.WriteLineAsync(answer.GetRawText());
            return;
        }
        await terminal.Out.WriteLineAsync(Column.Value(answer, "token"));
        var isLocal = gateway.Root.IsLoopback;
        var address = isLocal ? $"{gateway.Root.Scheme}://ADDRESS:{gateway.Root.Port}" : gateway.Root.GetLeftPart(UriPartial.Authority);
        var insecure = gateway.Root.Scheme == Uri.UriSchemeHttp ? " --allow-insecure" : "";
        await terminal.Error.WriteLineAsync($"""
            Good for one machine, until {Column.Time("", "expires_at").Text(answer)} UTC. There, run:

              ./flotilla node --gateway {address} --token {Column.Value(answer, "token")}{insecure}
            """);
        if (isLocal)
            await terminal.Error.WriteLineAsync("\nADDRESS is this machine's; others reach it when the gateway was started with --host 0.0.0.0.");
    }

    private static async Task RevokeAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        using var gateway = GatewayClient.Of(SettingsReader.Read(parsed, terminal));
        var id = parsed.GetRequiredValue(IdArgument);
        var answer = await gateway.AdminAsync(HttpMethod.Delete, "nodes/" + Uri.EscapeDataString(id), null, ct);
        await terminal.Out.WriteLineAsync(parsed.GetValue(SharedOptions.Json) ? answer.GetRawText() : $"Revoked {id}.");
    }
}
