using System.Text.Json;
using Flotilla.Node.Runtimes;
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
        await using var chain = await ChainAsync();
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
        await using var chain = await ChainAsync();
        using var response = await chain.Front.PostAsync("/v1/completions", $$"""{"model":"{{Model}}","prompt":"hi","stream":true,"max_tokens":3}""", Ct);
        var body = await response.Content.ReadAsStringAsync(Ct);
        Assert.EndsWith("data: [DONE]\n\n", body, StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"length\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_stops_the_last_node()
    {
        await using var chain = await ChainAsync();
        chain.Script.Script = Scripts.AnswerThenHang("Hello");
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        using var response = await chain.Front.PostAsync("/v1/chat/completions", Chat("\"stream\":true"), leave.Token);
        var run = await chain.Script.NextRunAsync(Ct);
        await run.WhenEmittedAsync(1, Ct);
        response.Dispose();
        await run.Cancelled.WaitAsync(Ct);
    }

    private static string Chat(string more) => $$"""{"model":"{{Model}}","messages":[{"role":"user","content":"hi"}],{{more}}}""";

    private static async Task<Chain> ChainAsync()
    {
        var back = await SecondFlotilla.StartAsync();
        var script = new ScriptedRuntime(Model);
        var backNode = await TestNode.StartAdmittedAsync(back.Origin, await back.JoinTokenAsync(), script, Ct);
        var front = await SecondFlotilla.StartAsync();
        var upstream = new UpstreamRuntime(new UpstreamOptions { BaseUrl = back.BaseUrl, ApiKey = back.Key });
        var frontNode = TestNode.Start(front.Origin, await front.JoinTokenAsync(), upstream);
        await frontNode.WhenAdmittedAsync(Model, Ct);
        script.ForgetRuns();
        return new Chain(front, frontNode, upstream, back, backNode, script);
    }

    private sealed record Chain(SecondFlotilla Front, TestNode FrontNode, UpstreamRuntime Upstream, SecondFlotilla Back, TestNode BackNode, ScriptedRuntime Script) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await FrontNode.DisposeAsync();
            Upstream.Dispose();
            await BackNode.DisposeAsync();
            await Front.DisposeAsync();
            await Back.DisposeAsync();
        }
    }
}
