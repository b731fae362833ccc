using System.CommandLine;
using Flotilla.Cli.Client;
using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;

namespace Flotilla.Cli.Commands;

/// <summary><c>flotilla usage</c>: who used what, and what it was charged.</summary>
internal static class UsageCommand
{
    private static readonly string[] Groups = ["key", "namespace", "model", "day"];

    private static readonly Option<string[]> ByOption = new("--by")
    {
        HelpName = "key|namespace|model|day",
        Description = "What to add up by; several with commas [default: namespace,model]",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> ModelOption = new("--model") { HelpName = "NAME", Description = "Only this model" };
    private static readonly Option<string?> KeyOption = new("--key") { HelpName = "ID", Description = "Only this key, key_…" };

    public static Command Create(Terminal terminal)
    {
        Command usage = new Command("usage", "Show jobs, tokens and charges") { ByOption, ModelOption, KeyOption }.ForAdmin();
        usage.SetAction((parsed, ct) => ShowAsync(parsed, terminal, ct));
        return usage;
    }

    private static async Task ShowAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        string[] groups = [.. (parsed.GetValue(ByOption) ?? []).SelectMany(group => group.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        if (groups.Length == 0)
            groups = ["namespace", "model"];
        if (groups.FirstOrDefault(group => !Groups.Contains(group)) is string unknown)
            throw new CommandFailedException(ExitCode.Usage, $"usage cannot be added up by '{unknown}'.", $"Known: {string.Join(", ", Groups)}.");

        using var gateway = GatewayClient.Of(SettingsReader.Read(parsed, terminal));
        var query = "usage?group_by=" + string.Join(',', groups) + Query("model", parsed.GetValue(ModelOption)) + Query("key", parsed.GetValue(KeyOption));
        var answer = await gateway.AdminAsync(HttpMethod.Get, query, null, ct);
        Listing.Show(terminal, answer, parsed.GetValue(SharedOptions.Json), "Nothing was used yet.",
        [
            .. Groups.Where(groups.Contains).Select(group => Column.Of(char.ToUpperInvariant(group[0]) + group[1..], group)),
            Column.Of("Jobs", "jobs", isNumber: true), Column.Of("Prompt", "prompt_tokens", isNumber: true), Column.Of("Cached", "cached_tokens", isNumber: true),
            Column.Of("Completion", "completion_tokens", isNumber: true), Column.Of("Charge", "charge", isNumber: true),
        ]);
    }

    private static string Query(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
}
