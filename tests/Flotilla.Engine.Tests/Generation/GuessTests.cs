using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Generation;

/// <summary>Tokens that are guessed save steps, and nobody can tell by the result.</summary>
public sealed class GuessTests
{
    private static readonly SyntheticModelOptions s_model = new() { Layers = 2, Context = 1024 };

    /// <summary>A prompt that repeats itself, so that there is much to guess.</summary>
    private static readonly int[] s_prompt = [.. Enumerable.Range(0, 60).Select(index => 200 + (index % 12))];

    private static readonly GenerationRequest s_greedy = new() { PromptTokens = s_prompt, MaxTokens = 120, IgnoreEos = true, Sampling = new() { Temperature = 0 } };

    // Draws mostly from five tokens, as a text that repeats itself does.
    private static readonly GenerationRequest s_drawn = s_greedy with
    {
        Sampling = new() { Temperature = 0.7f, TopP = 0.95f, Seed = 5, LogitBias = Enumerable.Range(200, 5).ToDictionary(token => token, token => 8f - token % 5) },
    };

    private static readonly Dictionary<string, GenerationRequest> s_requests = new()
    {
        ["greedy"] = s_greedy,
        ["greedy, with log probabilities"] = s_greedy with { TopLogprobs = 3 },
        ["drawn, with a bias"] = s_drawn,
        ["drawn from three"] = s_drawn with { Sampling = s_drawn.Sampling with { TopK = 3, MinP = 0.05f, Seed = 6, Choice = 2 } },
        ["with penalties"] = s_drawn with { Sampling = s_drawn.Sampling with { FrequencyPenalty = 0.1f, PresencePenalty = 0.2f, RepetitionPenalty = 1.05f } },
        ["in a form"] = s_drawn with { AnswerSchema = """{"type":"array","items":{"enum":["again and again"]},"minItems":12,"maxItems":20}""", MaxTokens = 400 },
        ["with a least length"] = s_drawn with { IgnoreEos = false, MinTokens = 90 },
        ["with a shared beginning"] = s_greedy with { PrefixSalt = [1] },
        ["until the end of the turn"] = s_drawn with { IgnoreEos = false, Sampling = s_drawn.Sampling with { Temperature = 1.5f } },
    };

    public static TheoryData<string> Names => [.. s_requests.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Guessing_changes_no_bit(string name)
    {
        await using var plain = await LoadAsync(guesses: 0);
        var expected = await plain.CompleteAsync(s_requests[name], Cancellation);
        Assert.Equal(0, expected.Finished.GuessedTokens);
        foreach (var guesses in (int[])[1, 3, 7, 15])
        {
            await using var engine = await LoadAsync(guesses);
            var completion = await engine.CompleteAsync(s_requests[name], Cancellation);
            Same(expected, completion);
            Assert.True(completion.Finished.GuessedRight > 0 || name.StartsWith("until", StringComparison.Ordinal), $"{completion.Finished.GuessedTokens} tokens were guessed, none of them right.");
        }
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(3, 5)]
    [InlineData(8, 64)]
    public async Task Streams_that_guess_beside_each_other_stay_what_they_are(int streams, int stepTokens)
    {
        await using var plain = await LoadAsync(guesses: 0);
        await using var engine = await LoadAsync(guesses: 7, new() { Threads = 2, ParallelCostMin = 0, SequencesMax = 8, StepTokensMax = stepTokens });
        var requests = Enumerable.Range(0, streams).Select(index => s_requests.Values.ElementAt(index % s_requests.Count)).ToArray();
        var together = await Task.WhenAll(requests.Select(request => engine.CompleteAsync(request, Cancellation)));
        for (var index = 0; index < streams; index++)
            Same(await plain.CompleteAsync(requests[index], Cancellation), together[index]);
        Assert.True(together.Sum(completion => completion.Finished.GuessedRight) > 0);
    }

    /// <summary>A stop text may end the completion in the middle of what was guessed; what was guessed behind it is not part of it.</summary>
    [Fact]
    public async Task A_stop_text_ends_the_completion_at_any_place()
    {
        await using var plain = await LoadAsync(guesses: 0);
        await using var engine = await LoadAsync(guesses: 7);
        var whole = await plain.CompleteAsync(s_greedy, Cancellation);
        for (var at = 0; at < whole.Text.Length - 4; at += 3)
        {
            var request = s_greedy with { Stop = [whole.Text.Substring(at, 4)] };
            Same(await plain.CompleteAsync(request, Cancellation), await engine.CompleteAsync(request, Cancellation));
        }
    }

    [Fact]
    public async Task Any_length_is_kept_to_the_token()
    {
        await using var plain = await LoadAsync(guesses: 0);
        await using var engine = await LoadAsync(guesses: 15);
        for (var length = 1; length < 40; length++)
        {
            var request = s_greedy with { MaxTokens = length };
            Same(await plain.CompleteAsync(request, Cancellation), await engine.CompleteAsync(request, Cancellation));
        }
    }

    [Fact]
    public async Task A_generation_resumed_anywhere_goes_on_guessing()
    {
        await using var engine = await LoadAsync(guesses: 7);
        var whole = await engine.CompleteAsync(s_drawn, Cancellation);
        for (var known = 0; known <= whole.Tokens.Count; known += 7)
        {
            var rest = await engine.CompleteAsync(s_drawn with { ResumeFrom = [.. whole.Tokens.Take(known)] }, Cancellation);
            Assert.Equal(whole.Tokens.Skip(known), rest.Tokens);
            Assert.Equal(whole.Root, rest.Root);
        }
    }

    /// <summary>Where nothing repeats, guesses die out: of many tokens drawn at random few are guessed.</summary>
    [Fact]
    public async Task Guesses_that_are_never_right_become_rare()
    {
        await using var engine = await LoadAsync(guesses: 7);
        // Of eight tokens, so that every three of them have stood there before.
        var sampling = new SamplingOptions { Temperature = 6, Seed = 1, LogitBias = Enumerable.Range(200, 8).ToDictionary(token => token, _ => 100f) };
        var random = await engine.CompleteAsync(s_greedy with { MaxTokens = 900, Sampling = sampling }, Cancellation);
        Assert.InRange(random.Finished.GuessedTokens, 10, 250);
    }

    private static void Same(Completion expected, Completion actual)
    {
        Assert.Equal(expected.Tokens, actual.Tokens);
        Assert.Equal(expected.Outputs.Select(output => output.Logprob), actual.Outputs.Select(output => output.Logprob));
        Assert.Equal(
            (expected.Root, expected.Text, expected.Finished.Reason, expected.Finished.StopText, expected.Finished.CompletionTokens),
            (actual.Root, actual.Text, actual.Finished.Reason, actual.Finished.StopText, actual.Finished.CompletionTokens));
    }

    private static Task<InferenceEngine> LoadAsync(int guesses, EngineOptions? options = null) =>
        Engines.LoadAsync(s_model, (options ?? new() { Threads = 1 }) with { GuessesMax = guesses });
}
