using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class CompletionFieldsTests
{
    [Fact]
    public void Read_SmallestBody_HasTheDefaults()
    {
        var request = Requests.CompletionWith("");
        Assert.Equal(InferenceEndpoint.Completions, request.Endpoint);
        Assert.Equal(new Prompt { Text = "<|endoftext|>" }, Assert.Single(request.Work.Prompts.Items));
        Assert.Equal(16u, request.Work.MaxTokens);
        Assert.True(request.MaxTokensGiven);
        Assert.Equal(1, request.ChoicesTotal);
    }

    [Fact]
    public void Read_EachFormOfPrompt_IsKept()
    {
        Assert.Equal([new Prompt { Text = "a" }], Requests.CompletionWith("\"prompt\":\"a\"").Work.Prompts.Items);
        Assert.Equal([new Prompt { Text = "" }], Requests.CompletionWith("\"prompt\":\"\"").Work.Prompts.Items);
        Assert.Equal([new Prompt { Text = "a" }, new Prompt { Text = "b" }], Requests.CompletionWith("\"prompt\":[\"a\",\"b\"]").Work.Prompts.Items);
        Assert.Equal([Ids(1, 2, 3)], Requests.CompletionWith("\"prompt\":[1,2,3]").Work.Prompts.Items);
        Assert.Equal([Ids(1), Ids(2, int.MaxValue)], Requests.CompletionWith("\"prompt\":[[1],[2,2147483647]]").Work.Prompts.Items);
    }

    [Fact]
    public void Read_SeveralPromptsAndChoices_AreMultiplied()
    {
        var request = Requests.CompletionWith("\"prompt\":[\"ab\",\"c\"],\"n\":3");
        Assert.Equal(6, request.ChoicesTotal);
        Assert.Equal(3u, request.Work.Choices);
        Assert.Equal(2 + 1 + 2, request.PromptBytes);
        Assert.Equal(4, Requests.CompletionWith("\"prompt\":[7,8,9]").PromptBytes);
    }

    [Fact]
    public void Read_ServedFields_AreKept()
    {
        var request = Requests.CompletionWith("\"prompt\":\"a\",\"echo\":true,\"max_tokens\":5,\"stop\":\"x\",\"seed\":7,\"stream\":true,\"temperature\":0");
        Assert.True(request.Echo);
        Assert.Equal(5u, request.Work.MaxTokens);
        Assert.Equal(["x"], request.Work.Stop);
        Assert.Equal(7ul, request.Seed);
        Assert.True(request.Stream);
        Assert.True(request.Work.Sampling.HasTemperature);
        Assert.Equal(3u, Requests.CompletionWith("\"logprobs\":3").Work.TopLogprobs);
        Assert.True(Requests.CompletionWith("\"logprobs\":0").Work.HasTopLogprobs);
    }

    [Theory]
    [InlineData("\"prompt\":5", "prompt", ApiErrorCode.InvalidType)]
    [InlineData("\"prompt\":{}", "prompt", ApiErrorCode.InvalidType)]
    [InlineData("\"prompt\":[]", "prompt", ApiErrorCode.InvalidValue)]
    [InlineData("\"prompt\":[null]", "prompt", ApiErrorCode.InvalidType)]
    [InlineData("\"prompt\":[\"a\",1]", "prompt", ApiErrorCode.InvalidType)]
    [InlineData("\"prompt\":[1,\"a\"]", "prompt[1]", ApiErrorCode.InvalidType)]
    [InlineData("\"prompt\":[-1]", "prompt[0]", ApiErrorCode.InvalidValue)]
    [InlineData("\"prompt\":[1.5]", "prompt[0]", ApiErrorCode.InvalidValue)]
    [InlineData("\"prompt\":[2147483648]", "prompt[0]", ApiErrorCode.InvalidValue)]
    [InlineData("\"prompt\":[[1],[]]", "prompt[1]", ApiErrorCode.InvalidValue)]
    [InlineData("\"prompt\":[[1],[\"a\"]]", "prompt[1][0]", ApiErrorCode.InvalidType)]
    [InlineData("\"prompt\":[[[1]]]", "prompt[0][0]", ApiErrorCode.InvalidType)]
    [InlineData("\"echo\":1", "echo", ApiErrorCode.InvalidType)]
    [InlineData("\"logprobs\":true", "logprobs", ApiErrorCode.InvalidType)]
    [InlineData("\"logprobs\":6", "logprobs", ApiErrorCode.InvalidValue)]
    [InlineData("\"best_of\":21", "best_of", ApiErrorCode.InvalidValue)]
    [InlineData("\"best_of\":2", "best_of", ApiErrorCode.UnsupportedField)]
    [InlineData("\"prompt_logprobs\":21", "prompt_logprobs", ApiErrorCode.InvalidValue)]
    [InlineData("\"prompt_logprobs\":-1", "prompt_logprobs", ApiErrorCode.InvalidValue)]
    [InlineData("\"prompt_logprobs\":true", "prompt_logprobs", ApiErrorCode.InvalidType)]
    [InlineData("\"prompt_logprobs\":1,\"stream\":true", "prompt_logprobs", ApiErrorCode.InvalidValue)]
    [InlineData("\"max_tokens\":-1", "max_tokens", ApiErrorCode.InvalidValue)]
    public void Read_BadField_NamesIt(string fields, string param, ApiErrorCode code)
    {
        var error = Requests.CompletionErrorWith(fields);
        Assert.Equal(code, error.Code);
        Assert.Equal(param, error.Param);
    }

    [Fact]
    public void Read_ChoicesOverAllPrompts_AreBoundedExactly()
    {
        Assert.Equal(128, Requests.CompletionWith($"\"n\":8,\"prompt\":[{string.Join(',', Enumerable.Repeat("\"\"", 16))}]").ChoicesTotal);
        var error = Requests.CompletionErrorWith($"\"n\":8,\"prompt\":[{string.Join(',', Enumerable.Repeat("\"\"", 17))}]");
        Assert.Equal("prompt", error.Param);
        Assert.Contains("136 choices; the limit is 128", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"logprobs\":1", null, null)]
    [InlineData("\"echo\":true", null, null)]
    [InlineData("\"echo\":true,\"prompt\":[1]", 0u, "echo")]
    [InlineData("\"echo\":true,\"prompt\":[[1],[2]],\"logprobs\":2", 2u, "echo")]
    [InlineData("\"echo\":true,\"logprobs\":0", 0u, "echo")]
    [InlineData("\"echo\":true,\"logprobs\":3,\"stream\":true", 3u, "echo")]
    [InlineData("\"prompt_logprobs\":20", 20u, "prompt_logprobs")]
    [InlineData("\"prompt_logprobs\":0,\"logprobs\":5", 0u, "prompt_logprobs")]
    [InlineData("\"prompt_logprobs\":2,\"echo\":true,\"logprobs\":5", 5u, "prompt_logprobs")]
    public void Read_LogprobsOfThePrompt_AreAskedForWhereTheyAreShown(string fields, uint? asked, string? param)
    {
        var request = Requests.CompletionWith(fields);
        Assert.Equal(asked, request.Work.HasPromptLogprobs ? request.Work.PromptLogprobs : null);
        Assert.Equal(param, request.Needs.SingleOrDefault(n => n.Capability == Capability.PromptLogprobs).Param);
    }

    [Fact]
    public void Read_EchoOfPrompts_IsBoundedOverAllCompletions()
    {
        var half = new string('a', OpenAiLimits.EchoBytesMax / 2);
        Assert.True(Requests.CompletionWith($"\"echo\":true,\"n\":2,\"prompt\":\"{half[..^OpenAiLimits.PerMessageAllowance]}\"").Echo);
        var error = Requests.CompletionErrorWith($"\"echo\":true,\"n\":3,\"prompt\":\"{half}\"");
        Assert.Equal("echo", error.Param);
        Assert.Contains($"the limit is {OpenAiLimits.EchoBytesMax}", error.Message, StringComparison.Ordinal);
    }

    private static Prompt Ids(params uint[] ids) => new() { TokenIds = new TokenIds { Ids = { ids } } };
}
