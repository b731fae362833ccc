using System.Text.Json;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Log probabilities of prompts, from a node that tells seven tokens, a to g, of each.</summary>
public sealed class PromptLogprobsTests
{
    [Fact]
    public async Task A_chat_has_one_list_and_completions_one_in_each_choice()
    {
        await using var gateway = await StartAsync();
        using var chat = await gateway.ChatAsync("\"prompt_logprobs\":1,\"n\":2");
        Assert.Equal(["", "b !", "c !", "d !", "e !", "f !", "g !"], Told((await GatewayFixture.JsonAsync(chat)).GetProperty("prompt_logprobs")));
        using var completions = await gateway.PostAsync("/v1/completions", """{"model":"scripted","prompt":["one","two"],"n":2,"prompt_logprobs":0}""");
        var choices = (await GatewayFixture.JsonAsync(completions)).GetProperty("choices").EnumerateArray().ToArray();
        Assert.Equal(4, choices.Length);
        Assert.All(choices, choice => Assert.Equal(["", "b", "c", "d", "e", "f", "g"], Told(choice.GetProperty("prompt_logprobs"))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_echo_has_those_of_its_prompt(bool streamed)
    {
        await using var gateway = await StartAsync();
        using var response = await gateway.PostAsync("/v1/completions", $$"""{"model":"scripted","prompt":"abcdefg","n":2,"echo":true,"logprobs":1,"stream":{{(streamed ? "true" : "false")}}}""");
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        IEnumerable<string> parts = streamed ? body.Split("\n\n").Where(part => part.StartsWith("data: {", StringComparison.Ordinal)).Select(part => part[6..]) : [body];
        JsonElement[] choices = [.. parts.SelectMany(part => JsonElement.Parse(part).GetProperty("choices").EnumerateArray())];
        for (var index = 0; index < 2; index++)
        {
            var own = choices.Where(choice => choice.GetProperty("index").GetInt32() == index).ToArray();
            Assert.Equal("abcdefgHello, world!", string.Concat(own.Select(choice => choice.GetProperty("text").GetString())));
            var told = own.Select(choice => choice.GetProperty("logprobs")).Where(logprobs => logprobs.ValueKind == JsonValueKind.Object).ToArray();
            Assert.Equal("a b c d e f g", string.Join(' ', told.SelectMany(t => t.GetProperty("tokens").EnumerateArray()).Select(t => t.GetString())));
            Assert.Equal("0 1 2 3 4 5 6", string.Join(' ', told.SelectMany(t => t.GetProperty("text_offset").EnumerateArray()).Select(t => t.GetInt32())));
            Assert.Equal(JsonValueKind.Null, told[0].GetProperty("token_logprobs")[0].ValueKind);
        }
    }

    [Fact]
    public async Task Several_models_have_each_their_own()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(ScriptedRuntime.OfEverything("a"));
        await gateway.AddNodeAsync(ScriptedRuntime.OfEverything("b"));
        foreach (var (path, input) in new[] { ("/v1/completions", "\"prompt\":\"p\""), ("/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"p\"}]") })
        {
            using var response = await gateway.PostAsync(path, $$"""{"models":["a","b"],"strategy":"all",{{input}},"prompt_logprobs":1}""");
            var answer = await GatewayFixture.JsonAsync(response);
            Assert.False(answer.TryGetProperty("prompt_logprobs", out _));
            Assert.All(answer.GetProperty("choices").EnumerateArray(), choice => Assert.Equal(7, Told(choice.GetProperty("prompt_logprobs")).Length));
            Assert.Equal(2, answer.GetProperty("choices").GetArrayLength());
        }
    }

    [Fact]
    public async Task A_node_that_speaks_before_it_has_told_them_fails()
    {
        await using var gateway = await StartAsync(Scripts.Events(
            new Usage { PromptTokens = 1 },
            new Event { PromptReady = new PromptReady { PromptTokens = 1 } },
            new Event { TokenCount = 1, Text = new Text { Text_ = "early" } }));
        using var response = await gateway.ChatAsync("\"prompt_logprobs\":1");
        Assert.True((int)response.StatusCode >= 500);
    }

    private static async Task<GatewayFixture> StartAsync(Script? script = null)
    {
        var gateway = await GatewayFixture.StartAsync();
        var runtime = ScriptedRuntime.OfEverything(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = script ?? runtime.Script;
        return gateway;
    }

    /// <summary>The texts of each token and of its alternatives, by rank.</summary>
    private static string[] Told(JsonElement list) =>
    [
        .. list.EnumerateArray().Select(token => token.ValueKind == JsonValueKind.Null
            ? ""
            : string.Join(' ', token.EnumerateObject().OrderByDescending(t => t.Value.GetProperty("rank").GetInt32()).Select(t => t.Value.GetProperty("decoded_token").GetString()))),
    ];
}
