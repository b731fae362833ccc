using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.Cli.Output;
using Spectre.Console;

namespace Flotilla.Cli.Client;

/// <summary>One conversation: remembers the messages and streams each answer to the terminal.</summary>
/// <param name="gateway">Whom to ask.</param>
/// <param name="terminal">Where to write.</param>
/// <param name="request">The body of each request; its messages grow.</param>
/// <param name="system">The system message; null for none.</param>
internal sealed class ChatSession(GatewayClient gateway, Terminal terminal, JsonObject request, string? system)
{
    private const string Help = "/clear forgets the conversation, /quit ends it; so does Ctrl-D.";

    private readonly JsonArray _messages = request["messages"]!.AsArray();

    /// <summary>Asks one message and ends the line.</summary>
    public async Task AskAsync(string message, CancellationToken ct)
    {
        Begin();
        await AnswerAsync(message, ct);
    }

    /// <summary>Asks and answers until the user has had enough.</summary>
    public async Task ConverseAsync(string model, CancellationToken ct)
    {
        Begin();
        terminal.Console.MarkupLineInterpolated($"Chatting with [bold]{SafeText.ForTerminal(model)}[/] at {gateway.Root}. [grey]{Help}[/]");
        while (!ct.IsCancellationRequested)
        {
            terminal.Console.WriteLine();
            terminal.Console.Markup("[bold green]you ›[/] ");
            // A console read cannot be cancelled; Ctrl-C must not wait for the Enter key.
            var line = await Task.Run(terminal.In.ReadLine, CancellationToken.None).WaitAsync(ct);
            switch (line?.Trim())
            {
                case null or "/quit" or "/exit":
                    terminal.Console.WriteLine();
                    return;
                case "/clear":
                    Begin();
                    terminal.Console.MarkupLine("[grey]Forgotten.[/]");
                    break;
                case "":
                    break;
                case ['/', ..] command:
                    terminal.Console.MarkupLineInterpolated($"[grey]{command} is no command. {Help}[/]");
                    break;
                case string message:
                    await TryAnswerAsync(message, ct);
                    break;
            }
        }
    }

    private void Begin()
    {
        _messages.Clear();
        if (system is not null)
            _messages.Add(Message("system", system));
    }

    // In a conversation, one refused message is no reason to lose the others.
    private async Task TryAnswerAsync(string message, CancellationToken ct)
    {
        terminal.Console.Markup("[bold blue]  it ›[/] ");
        var before = _messages.Count;
        try
        {
            await AnswerAsync(message, ct);
        }
        catch (CommandFailedException failure) when (failure.ExitCode == ExitCode.Failed)
        {
            while (_messages.Count > before)
                _messages.RemoveAt(_messages.Count - 1);
            terminal.Console.MarkupLineInterpolated($"[red]{SafeText.ForTerminal(failure.Message)}[/] {failure.Fix}");
        }
    }

    private async Task AnswerAsync(string message, CancellationToken ct)
    {
        _messages.Add(Message("user", message));
        var started = Stopwatch.GetTimestamp();
        using var response = await gateway.StreamAsync("chat/completions", request, ct);
        StringBuilder answer = new();
        long tokens = 0;
        var finished = false;
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(ct))
        {
            finished = item.Data == "[DONE]";
            if (finished)
                break;
            using var chunk = Parse(item.Data);
            var text = Text(chunk.RootElement);
            answer.Append(text);
            await terminal.Out.WriteAsync(terminal.OutputIsInteractive ? SafeText.ForTerminal(text) : text);
            await terminal.Out.FlushAsync(ct);
            tokens = Tokens(chunk.RootElement) ?? tokens;
        }
        await terminal.Out.WriteLineAsync();
        if (!finished)
            throw new CommandFailedException(ExitCode.Failed, "the answer broke off before its end.", "Ask again; 'flotilla nodes list' shows whether a node went away.");
        _messages.Add(Message("assistant", answer.ToString()));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (terminal.OutputIsInteractive)
            terminal.Console.MarkupLineInterpolated($"[grey]{tokens} tokens, {seconds:0.00} s[/]");
    }

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static JsonDocument Parse(string data)
    {
        try
        {
            var chunk = JsonDocument.Parse(data);
            if (chunk.RootElement.ValueKind == JsonValueKind.Object && chunk.RootElement.TryGetProperty("error", out var error))
                throw new CommandFailedException(ExitCode.Failed, $"the answer ended with an error: {Column.Value(error, "message")}");
            return chunk;
        }
        catch (JsonException)
        {
            throw new CommandFailedException(ExitCode.Failed, "the gateway sent a chunk that is not JSON.");
        }
    }

    private static string Text(JsonElement chunk)
    {
        if (!chunk.TryGetProperty("choices", out var choices) || choices.GetArrayLength() == 0 || !choices[0].TryGetProperty("delta", out var delta))
            return "";
        return Column.Value(delta, "content");
    }

    private static long? Tokens(JsonElement chunk) =>
        chunk.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object ? usage.GetProperty("completion_tokens").GetInt64() : null;
}
