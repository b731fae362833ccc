using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Generation;

/// <summary>What is refused before anything is computed, and how.</summary>
public sealed class RejectionTests
{
    private static readonly GenerationRequest s_good = new() { PromptTokens = [1, 2, 3], MaxTokens = 2 };

    private static readonly Dictionary<string, (GenerationRejection Reason, GenerationRequest Request)> s_cases = new()
    {
        ["no prompt"] = (GenerationRejection.PromptAmbiguous, new()),
        ["two prompts"] = (GenerationRejection.PromptAmbiguous, s_good with { Prompt = "x" }),
        ["empty text"] = (GenerationRejection.EmptyPrompt, new() { Prompt = "" }),
        ["no tokens"] = (GenerationRejection.EmptyPrompt, new() { PromptTokens = [] }),
        ["prompt as long as the context"] = (GenerationRejection.ContextLengthExceeded, new() { PromptTokens = Engines.Prompt(256) }),
        ["token -1"] = (GenerationRejection.TokenOutOfRange, new() { PromptTokens = [-1] }),
        ["token beyond the vocabulary"] = (GenerationRejection.TokenOutOfRange, new() { PromptTokens = [500] }),
        ["resumed token beyond the vocabulary"] = (GenerationRejection.TokenOutOfRange, s_good with { ResumeFrom = [500] }),
        ["biased token beyond the vocabulary"] = (GenerationRejection.TokenOutOfRange, Bias(500, 1)),
        ["infinite bias"] = (GenerationRejection.OptionOutOfRange, Bias(1, float.PositiveInfinity)),
        ["more resumed than asked for"] = (GenerationRejection.ResumeAlreadyFinished, s_good with { ResumeFrom = [1, 2, 3] }),
        ["resumed behind the end"] = (GenerationRejection.ResumeAlreadyFinished, s_good with { MaxTokens = 9, ResumeFrom = [1, 499, 3] }),
        ["resumed behind a stop text"] = (GenerationRejection.ResumeAlreadyFinished, s_good with { MaxTokens = 9, Stop = ["!"], ResumeFrom = [33, 34] }),
        ["negative length"] = (GenerationRejection.OptionOutOfRange, s_good with { MaxTokens = -1 }),
        ["21 alternatives"] = (GenerationRejection.OptionOutOfRange, s_good with { TopLogprobs = 21 }),
        ["-1 alternatives"] = (GenerationRejection.OptionOutOfRange, s_good with { TopLogprobs = -1 }),
        ["empty stop text"] = (GenerationRejection.OptionOutOfRange, s_good with { Stop = [""] }),
        ["65 stop texts"] = (GenerationRejection.OptionOutOfRange, s_good with { Stop = [.. Enumerable.Repeat("x", 65)] }),
        ["temperature below 0"] = (GenerationRejection.OptionOutOfRange, With(new() { Temperature = -0.1f })),
        ["temperature that is no number"] = (GenerationRejection.OptionOutOfRange, With(new() { Temperature = float.NaN })),
        ["top_p above 1"] = (GenerationRejection.OptionOutOfRange, With(new() { TopP = 1.1f })),
        ["top_k below 0"] = (GenerationRejection.OptionOutOfRange, With(new() { TopK = -1 })),
        ["min_p above 1"] = (GenerationRejection.OptionOutOfRange, With(new() { MinP = 2 })),
        ["presence penalty above 2"] = (GenerationRejection.OptionOutOfRange, With(new() { PresencePenalty = 2.5f })),
        ["frequency penalty below -2"] = (GenerationRejection.OptionOutOfRange, With(new() { FrequencyPenalty = -2.5f })),
        ["repetition penalty 0"] = (GenerationRejection.OptionOutOfRange, With(new() { RepetitionPenalty = 0 })),
        ["choice below 0"] = (GenerationRejection.OptionOutOfRange, With(new() { Choice = -1 })),
        ["template that refuses"] = (GenerationRejection.TemplateFailed, new() { Messages = [] }),
    };

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Generate_bad_request_is_refused_before_any_event(string name)
    {
        var (reason, request) = s_cases[name];
        await using var engine = await Engines.LoadAsync(new() { Layers = 1, ChatTemplate = "{{ messages[0].role | upper }}{{ raise_exception('no') }}" });
        await using var events = engine.GenerateAsync(request, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var exception = await Assert.ThrowsAsync<GenerationRejectedException>(() => events.MoveNextAsync().AsTask());
        Assert.Equal(reason, exception.Reason);
        if (reason == GenerationRejection.ContextLengthExceeded)
            Assert.Equal((256, 256), (exception.PromptTokens, exception.ContextTokensMax));
    }

    [Theory]
    [InlineData(null, "no chat template")]
    [InlineData("{% if %}", "cannot be read")]
    public async Task Generate_chat_without_a_usable_template_says_why(string? template, string why)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var engine = await Engines.LoadAsync(new() { Layers = 1, ChatTemplate = template });
        Assert.False(engine.Model.HasChatTemplate);
        var exception = await Assert.ThrowsAsync<GenerationRejectedException>(
            () => engine.CompleteAsync(new() { Messages = [new("user", "Hello")] }, cancellation));
        Assert.Equal(GenerationRejection.NoChatTemplate, exception.Reason);
        Assert.Contains(why, exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await engine.CompleteAsync(s_good with { IgnoreEos = true }, cancellation)).Finished.CompletionTokens);
    }

    [Fact]
    public async Task Generate_template_bomb_is_refused_and_the_engine_goes_on()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var engine = await Engines.LoadAsync(
            new() { Layers = 1, ChatTemplate = "{% for a in range(99999) %}{% for b in range(99999) %}{{ a * b }}{% endfor %}{% endfor %}" });
        var exception = await Assert.ThrowsAsync<GenerationRejectedException>(
            () => engine.CompleteAsync(new() { Messages = [new("user", "Hello")] }, cancellation));
        Assert.Equal(GenerationRejection.TemplateFailed, exception.Reason);
        Assert.Equal(2, (await engine.CompleteAsync(s_good with { IgnoreEos = true }, cancellation)).Finished.CompletionTokens);
    }

    [Fact]
    public async Task Generate_more_than_the_memory_holds_is_refused()
    {
        await using var engine = await Engines.LoadAsync(new() { Layers = 1 }, new() { Threads = 1, KvBytesMax = 16 * 1024 });
        var exception = await Assert.ThrowsAsync<GenerationRejectedException>(
            () => engine.CompleteAsync(s_good with { MaxTokens = 100 }, TestContext.Current.CancellationToken));
        Assert.Equal(GenerationRejection.KvMemoryExceeded, exception.Reason);
        Assert.Contains("holds 32 ", exception.Message, StringComparison.Ordinal);
        Assert.Equal(20, (await engine.CompleteAsync(s_good with { MaxTokens = 20, IgnoreEos = true }, TestContext.Current.CancellationToken)).Tokens.Count);
    }

    [Theory]
    [InlineData("Threads")]
    [InlineData("SequencesMax")]
    [InlineData("QueueMax")]
    [InlineData("StepTokensMax")]
    [InlineData("Stages")]
    public async Task Load_option_out_of_range_is_refused_by_name(string name)
    {
        var options = name switch
        {
            "Threads" => new EngineOptions { Threads = -1 },
            "SequencesMax" => new EngineOptions { SequencesMax = 0 },
            "QueueMax" => new EngineOptions { QueueMax = 0 },
            "StepTokensMax" => new EngineOptions { StepTokensMax = 5000 },
            _ => new EngineOptions { Stages = 0 },
        };
        var exception = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => InferenceEngine.LoadAsync("unread", options, null, TestContext.Current.CancellationToken));
        Assert.Equal(name, exception.ParamName);
    }

    private static GenerationRequest With(SamplingOptions sampling) => s_good with { Sampling = sampling };

    private static GenerationRequest Bias(int token, float bias) => With(new() { LogitBias = new Dictionary<int, float> { [token] = bias } });
}
