using System.CommandLine;
using System.Text.Json.Nodes;
using Flotilla.Cli.Client;
using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;

namespace Flotilla.Cli.Commands;

/// <summary><c>flotilla chat</c>: a conversation in the terminal, or one answer in a pipe.</summary>
internal static class ChatCommand
{
    private static readonly Argument<string[]> MessageArgument = new("MESSAGE") { Arity = ArgumentArity.ZeroOrMore, Description = "Ask this and end; without it, a conversation begins" };
    private static readonly Option<string?> ModelOption = new("--model") { HelpName = "NAME", Description = "Which model [default: the first that is served]" };
    private static readonly Option<string?> SystemOption = new("--system") { HelpName = "TEXT", Description = "A system message to begin with" };
    private static readonly Option<double?> TemperatureOption = new("--temperature") { HelpName = "X", Description = "0 always picks the likeliest token [default: the model's]" };
    private static readonly Option<int?> MaxTokensOption = new("--max-tokens") { HelpName = "N", Description = "The longest answer, in tokens" };
    private static readonly Option<long?> SeedOption = new("--seed") { HelpName = "N", Description = "The same seed gives the same answer" };

    public static Command Create(Terminal terminal)
    {
        Command chat = new("chat", "Chat with a model, streamed; also in a pipe: echo hi | flotilla chat")
        {
            MessageArgument, ModelOption, SystemOption, TemperatureOption, MaxTokensOption, SeedOption, SharedOptions.Gateway, SharedOptions.ApiKey,
        };
        chat.SetAction((parsed, ct) => RunAsync(parsed, terminal, ct));
        return chat;
    }

    private static async Task RunAsync(ParseResult parsed, Terminal terminal, CancellationToken ct)
    {
        using var gateway = GatewayClient.Of(SettingsReader.Read(parsed, terminal));
        var model = parsed.GetValue(ModelOption) ?? await FirstModelAsync(gateway, ct);
        JsonObject request = new() { ["model"] = model, ["messages"] = new JsonArray(), ["stream"] = true, ["stream_options"] = new JsonObject { ["include_usage"] = true } };
        if (parsed.GetValue(TemperatureOption) is double temperature)
            request["temperature"] = temperature;
        if (parsed.GetValue(MaxTokensOption) is int maxTokens)
            request["max_completion_tokens"] = maxTokens;
        if (parsed.GetValue(SeedOption) is long seed)
            request["seed"] = seed;
        ChatSession session = new(gateway, terminal, request, parsed.GetValue(SystemOption));

        if (parsed.GetValue(MessageArgument) is { Length: > 0 } words)
            await session.AskAsync(string.Join(' ', words), ct);
        else if (terminal.InputIsInteractive)
            await session.ConverseAsync(model, ct);
        else
            await session.AskAsync(await ReadPipeAsync(terminal, ct), ct);
    }

    private static async Task<string> FirstModelAsync(GatewayClient gateway, CancellationToken ct)
    {
        var models = await gateway.OpenAiAsync(HttpMethod.Get, "models", ct);
        return models.TryGetProperty("data", out var data) && data.GetArrayLength() > 0
            ? Column.Value(data[0], "id")
            : throw new CommandFailedException(ExitCode.Failed, "no model is served now.", "'flotilla nodes list' shows which nodes are online.");
    }

    private static async Task<string> ReadPipeAsync(Terminal terminal, CancellationToken ct)
    {
        var buffer = new char[4096];
        System.Text.StringBuilder text = new();
        int read;
        while ((read = await terminal.In.ReadAsync(buffer, ct)) > 0)
        {
            text.Append(buffer, 0, read);
            if (text.Length > CliLimits.PipedCharactersMax)
                throw new CommandFailedException(ExitCode.Usage, $"the piped message is longer than {CliLimits.PipedCharactersMax} characters.", "The gateway takes no longer body.");
        }
        var message = text.ToString().Trim();
        return message.Length > 0 ? message : throw new CommandFailedException(ExitCode.Usage, "there is nothing to ask: the input is empty.", "echo 'What is Flotilla?' | flotilla chat");
    }
}
