using System.CommandLine;
using System.Text.Json.Nodes;
using Flotilla.Cli.Client;
using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;

namespace Flotilla.Cli.Commands;

/// <summary><c>flotilla keys</c>: who may use the gateway.</summary>
internal static class KeysCommand
{
    private static readonly Option<string?> NameOption = new("--name") { HelpName = "NAME", Description = "What the key is for, in a word" };
    private static readonly Option<string?> NamespaceOption = new("--namespace") { HelpName = "NAME", Description = "The namespace it spends from [default: the first]" };
    private static readonly Option<bool> AdminOption = new("--admin") { Description = "Make an admin key instead, which opens the admin API" };
    private static readonly Option<long?> RequestsOption = new("--requests-per-minute") { HelpName = "N", Description = "Requests that it may make in a minute; 0 for no limit [default: the gateway's setting]" };
    private static readonly Option<long?> TokensOption = new("--tokens-per-minute") { HelpName = "N", Description = "Tokens that it may use in a minute; 0 for no limit [default: the gateway's setting]" };
    private static readonly Option<long?> ConcurrencyOption = new("--concurrency") { HelpName = "N", Description = "Requests that it may have at the same time; 0 for no limit [default: the gateway's setting]" };
    private static readonly Argument<string> IdArgument = new("ID") { Description = "The key's id (key_…), not its secret" };

    public static Command Create(Terminal terminal)
    {
        Command list = new Command("list", "List keys, without their secrets").ForAdmin();
        list.SetAction((parsed, ct) => ListAsync(parsed, terminal, ct));
        Command create = new Command("create", "Make a key and show its secret, this once") { NameOption, NamespaceOption, AdminOption, RequestsOption, TokensOption, ConcurrencyOption }.ForAdmin();
        create.SetAction((parsed, ct) => CreateAsync(parsed, terminal, ct));
        Command limit = new Command("limit", "Set all limits of a key; those left out follow the gateway's settings again") { IdArgument, RequestsOption, TokensOption, ConcurrencyOption }.ForAdmin();
        limit.SetAction((parsed, ct) => LimitAsync(parsed, terminal, ct));
        Command revoke = new Command("revoke", "Make a key worthless at once") { IdArgument }.ForAdmin();
        revoke.SetAction((parsed, ct) => RevokeAsync(parsed, terminal, ct));
        Command keys = new Command("keys", "List, create, limit and revoke API keys") { list, create, limit, revoke }.ForAdmin();
        keys.SetAction((parsed, ct) => ListAsync(parsed, terminal, ct));
        return keys;
    }

    private static async Task ListAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        using var gateway = GatewayClient.Of(SettingsReader.Read(parsed, terminal));
        var answer = await gateway.AdminAsync(HttpMethod.Get, "keys", null, ct);
        Listing.Show(terminal, answer, parsed.GetValue(SharedOptions.Json), "No keys yet: make one with 'flotilla keys create'.",
            Column.Of("ID", "id"), Column.Of("Kind", "kind"), Column.Of("Name", "name"), Column.Of("Namespace", "namespace"),
            Column.Of("Requests/min", "requests_per_minute", isNumber: true), Column.Of("Tokens/min", "tokens_per_minute", isNumber: true), Column.Of("At once", "concurrency", isNumber: true),
            Column.Time("Created", "created_at"), Column.Time("Revoked", "revoked_at"));
    }

    private static async Task CreateAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        using var gateway = GatewayClient.Of(SettingsReader.Read(parsed, terminal));
        var body = Limits(parsed);
        body["admin"] = parsed.GetValue(AdminOption);
        if (parsed.GetValue(NameOption) is string name)
            body["name"] = name;
        if (parsed.GetValue(NamespaceOption) is string space)
            body["namespace"] = space;
        var answer = await gateway.AdminAsync(HttpMethod.Post, "keys", body, ct);
        if (parsed.GetValue(SharedOptions.Json))
        {
            await terminal.Out.WriteLineAsync(answer.GetRawText());
            return;
        }
        // The secret alone goes to stdout, so that KEY=$(flotilla keys create) works.
        await terminal.Out.WriteLineAsync(Column.Value(answer, "secret"));
        await terminal.Error.WriteLineAsync($"Made {Column.Value(answer, "id")}. Its secret is not stored and cannot be shown again.");
    }

    private static async Task LimitAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        var id = Id(parsed);
        using var gateway = GatewayClient.Of(SettingsReader.Read(parsed, terminal));
        var answer = await gateway.AdminAsync(HttpMethod.Put, $"keys/{Uri.EscapeDataString(id)}/limits", Limits(parsed), ct);
        await terminal.Out.WriteLineAsync(parsed.GetValue(SharedOptions.Json) ? answer.GetRawText() : $"Limited {id}, from its next request on.");
    }

    private static JsonObject Limits(ParseResult parsed)
    {
        JsonObject body = [];
        foreach (var (name, option) in (ReadOnlySpan<(string, Option<long?>)>)[("requests_per_minute", RequestsOption), ("tokens_per_minute", TokensOption), ("concurrency", ConcurrencyOption)])
        {
            if (parsed.GetValue(option) is long limit)
                body[name] = limit;
        }
        return body;
    }

    private static string Id(ParseResult parsed)
    {
        var id = parsed.GetRequiredValue(IdArgument);
        return id.StartsWith("sk-", StringComparison.Ordinal) || id.StartsWith("ak-", StringComparison.Ordinal)
            ? throw new CommandFailedException(ExitCode.Usage, "that is a secret, not an id.", "'flotilla keys list' shows the ids, key_….")
            : id;
    }

    private static async Task RevokeAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        var id = Id(parsed);
        using var gateway = GatewayClient.Of(SettingsReader.Read(parsed, terminal));
        var answer = await gateway.AdminAsync(HttpMethod.Delete, "keys/" + Uri.EscapeDataString(id), null, ct);
        await terminal.Out.WriteLineAsync(parsed.GetValue(SharedOptions.Json) ? answer.GetRawText() : $"Revoked {id}.");
    }
}
