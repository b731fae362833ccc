using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;
using Flotilla.Protocol.Receipts;

namespace Flotilla.Cli.Commands;

/// <summary><c>flotilla verify</c>: checks a receipt with nothing but the receipt.</summary>
internal static class VerifyCommand
{
    private static readonly Argument<string> FileArgument = new("FILE") { Description = "A receipt, as GET /v1/receipts/{job_id} gives it; - reads it from a pipe" };

    private static readonly Option<string?> GatewayKeyOption = new("--gateway-key")
    {
        HelpName = "KEY",
        Description = "The gateway's public key, base58: without it, the receipt is only known to be whole, not whose it is",
    };

    public static Command Create(Terminal terminal)
    {
        Command verify = new("verify", "Check a job's receipt, offline") { FileArgument, GatewayKeyOption, SharedOptions.Json };
        verify.SetAction((parsed, ct) => RunAsync(parsed, terminal, ct));
        return verify;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        var name = parsed.GetRequiredValue(FileArgument);
        var text = name == "-" ? await ReadAsync(terminal.In, ct) : await ReadFileAsync(SettingsReader.Expand(name, terminal), ct);
        var checks = ReceiptVerifier.Verify(text, parsed.GetValue(GatewayKeyOption));
        var holds = checks.All(check => check.Passed);
        if (parsed.GetValue(SharedOptions.Json))
        {
            JsonArray rows = [.. checks.Select(check => (JsonNode)new JsonObject { ["name"] = check.Name, ["passed"] = check.Passed, ["detail"] = check.Detail })];
            await terminal.Out.WriteLineAsync(new JsonObject { ["verified"] = holds, ["data"] = rows }.ToJsonString());
        }
        else
        {
            foreach (var check in checks)
                await terminal.Out.WriteLineAsync($"{(check.Passed ? "ok    " : "FAILED")}  {check.Name.Replace('_', ' '),-18} {SafeText.ForTerminal(check.Detail)}");
            await terminal.Out.WriteLineAsync(holds ? "The receipt holds." : "The receipt does not hold.");
        }
        return holds ? ExitCode.Ok : ExitCode.NotVerified;
    }

    private static async Task<string> ReadFileAsync(string path, CancellationToken ct)
    {
        try
        {
            using StreamReader reader = new(path, Encoding.UTF8);
            return await ReadAsync(reader, ct);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Usage, fault.Message);
        }
    }

    // One character more than a receipt can have is enough for the verifier to refuse it.
    private static async Task<string> ReadAsync(TextReader reader, CancellationToken ct)
    {
        var buffer = new char[ReceiptLimits.TextBytesMax + 1];
        return new string(buffer, 0, await reader.ReadBlockAsync(buffer.AsMemory(), ct));
    }
}
