using System.Text.Json;
using Flotilla.Testing.Nodes;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>One Flotilla serves what another one runs: client → gateway → node → upstream → gateway → node → script.</summary>
public sealed class SecondFlotillaTests
{
    private const string Model = "scripted-1";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_comes_through_both_whole_with_its_usage()
    {
        await using var chain = await FlotillaChain.StartAsync(new ScriptedRuntime(Model), Ct);
        using var response = await chain.Front.PostAsync("/v1/chat/completions", Chat("\"n\":2"), Ct);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Ct));
        Assert.True(response.IsSuccessStatusCode, answer.RootElement.ToString());
        Assert.Equal(["Hello, world!", "Hello, world!"], answer.RootElement.GetProperty("choices").EnumerateArray().Select(c => c.GetProperty("message").GetProperty("content").GetString()));
        var usage = answer.RootElement.GetProperty("usage");
        Assert.Equal((7, 8), (usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32()));
    }

    [Fact]
    public async Task A_completion_is_streamed_through_both()
    {
        await using var chain = await FlotillaChain.StartAsync(new ScriptedRuntime(Model), Ct);
        using var response = await chain.Front.PostAsync("/v1/completions", $$"""{"model":"{{Model}}","prompt":"hi","stream":true,"max_tokens":3}""", Ct);
        var body = await response.Content.ReadAsStringAsync(Ct);
        Assert.EndsWith("data: [DONE]\n\n", body, StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"length\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_stops_the_last_node()
    {
        await using var chain = await FlotillaChain.StartAsync(new ScriptedRuntime(Model), Ct);
        chain.Script.Script = Scripts.AnswerThenHang("Hello");
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        using var response = await chain.Front.PostAsync("/v1/chat/completions", Chat("\"stream\":true"), leave.Token);
        var run = await chain.Script.NextRunAsync(Ct);
        await run.WhenEmittedAsync(1, Ct);
        response.Dispose();
        await run.Cancelled.WaitAsync(Ct);
    }

    private static string Chat(string more) => $$"""{"model":"{{Model}}","messages":[{"role":"user","content":"hi"}],{{more}}}""";
}
