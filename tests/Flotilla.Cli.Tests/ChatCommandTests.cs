using System.Text.Json;
using Flotilla.Cli.Settings;
using Xunit;

namespace Flotilla.Cli.Tests;

public sealed class ChatCommandTests : IDisposable
{
    private const string Stream = """
        data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}

        data: {"choices":[{"index":0,"delta":{"content":"Hello\u001b[2J"}}]}

        data: {"choices":[{"index":0,"delta":{"content":" there"},"finish_reason":null}]}

        data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}

        data: [DONE]


        """;

    private readonly CliRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task A_message_in_a_pipe_is_answered_with_nothing_but_the_answer()
    {
        await using var gateway = await StartAsync(Stream);
        _run.Input = "  hi \n";
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("chat", "--seed", "7", "--temperature", "0", "--system", "be brief"));
        Assert.Equal("Hello\u001b[2J there\n", _run.Out);
        Assert.Equal("", _run.Error);
        var body = JsonElement.Parse(gateway.Requests[1].Body);
        Assert.Equal("m", body.GetProperty("model").GetString());
        Assert.Equal(7, body.GetProperty("seed").GetInt32());
        Assert.Equal(["be brief", "hi"], body.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("content").GetString()!));
        Assert.Equal("Bearer sk-flt-1", gateway.Requests[1].Key);
    }

    [Fact]
    public async Task A_conversation_remembers_and_filters_what_a_terminal_would_obey()
    {
        await using var gateway = await StartAsync(Stream);
        _run.Interactive = true;
        _run.Input = "one\n\n/nonsense\ntwo\n/clear\nthree\n/quit\nnever\n";
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("chat", "--model", "m"));
        Assert.Contains("Hello[2J there", _run.Out, StringComparison.Ordinal);
        string[][] asked = [.. gateway.Requests.Select(request => JsonElement.Parse(request.Body).GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("role").GetString()!).ToArray())];
        Assert.Equal([["user"], ["user", "assistant", "user"], ["user"]], asked);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_a_failure()
    {
        await using var gateway = await StartAsync(Stream[..Stream.IndexOf("data: [DONE]", StringComparison.Ordinal)]);
        Assert.Equal(ExitCode.Failed, await _run.RunAsync("chat", "hi"));
        Assert.Contains("broke off", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_in_the_stream_is_shown()
    {
        await using var gateway = await StartAsync("""
            data: {"error":{"message":"The node was lost.","type":"server_error","param":null,"code":"node_failed"}}


            """);
        Assert.Equal(ExitCode.Failed, await _run.RunAsync("chat", "hi"));
        Assert.Contains("The node was lost.", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_message_does_not_end_a_conversation()
    {
        await using var gateway = await StartAsync("""402 {"error":{"message":"12 credits are needed.","type":"insufficient_quota","param":null,"code":"insufficient_credits"}}""");
        _run.Interactive = true;
        _run.Input = "one\ntwo\n";
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("chat", "--model", "m"));
        Assert.Contains("12 credits are needed.", _run.Out, StringComparison.Ordinal);
        Assert.Equal(2, gateway.Requests.Count);
        Assert.Equal(1, JsonElement.Parse(gateway.Requests[1].Body).GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task An_empty_pipe_is_a_wrong_command_line()
    {
        await using var gateway = await StartAsync(Stream);
        Assert.Equal(ExitCode.Usage, await _run.RunAsync("chat"));
    }

    private async Task<ScriptedGateway> StartAsync(string answer)
    {
        var gateway = await ScriptedGateway.StartAsync(new Dictionary<string, string>
        {
            ["GET /v1/models"] = """{"object":"list","data":[{"id":"m","object":"model"}]}""",
            ["POST /v1/chat/completions"] = answer,
        });
        new Credentials(gateway.Url + "/v1", "sk-flt-1", "ak-flt-1").Save(_run.Folder);
        return gateway;
    }
}
