using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Generation;

/// <summary>Log probabilities of the prompt's own tokens.</summary>
public sealed class PromptLogprobsTests : IAsyncLifetime
{
    private static readonly GenerationRequest s_request = new()
    {
        PromptTokens = Engines.Prompt(41), MaxTokens = 12, IgnoreEos = true, TopLogprobs = 3, PromptLogprobs = 3, Sampling = new() { Temperature = 0 },
    };

    private InferenceEngine _engine = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _engine = await Engines.LoadAsync(new() { Layers = 2 });

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task Every_token_of_the_prompt_comes_once_and_before_the_completion()
    {
        var completion = await _engine.CompleteAsync(s_request, Cancellation);
        var told = completion.Events.Skip(1).TakeWhile(e => e is PromptTokens).Cast<PromptTokens>().ToArray();
        Assert.Equal(told.Length, completion.Events.Count(e => e is PromptTokens));
        Assert.Equal(told.Select(e => e.Position), told.Select((_, index) => told.Take(index).Sum(e => e.Tokens.Count)));
        var tokens = Told(completion);
        Assert.Equal(s_request.PromptTokens, tokens.Select(t => t.Id));
        Assert.Equal((0f, 0), (tokens[0].Logprob, tokens[0].Rank));
        Assert.Null(tokens[0].Top);
        Assert.All(tokens.Skip(1), token =>
        {
            Assert.Equal(3, token.Top!.Count);
            Assert.Equal(token.Rank <= 3 ? token.Logprob : token.Top[2].Logprob, token.Rank <= 3 ? token.Top[token.Rank - 1].Logprob : token.Top[2].Logprob);
            Assert.Equal(token.Rank <= 3, token.Top.Any(t => t.Id == token.Id));
        });
    }

    [Fact]
    public async Task They_are_what_generating_the_same_tokens_would_tell()
    {
        var generated = await _engine.CompleteAsync(s_request, Cancellation);
        var again = await _engine.CompleteAsync(s_request with { PromptTokens = [.. s_request.PromptTokens!, .. generated.Tokens], MaxTokens = 1 }, Cancellation);
        var scored = Told(again).Skip(41).ToArray();
        Assert.Equal(generated.Outputs.Select(o => o.Logprob), scored.Select(o => o.Logprob));
        Assert.Equal(generated.Outputs.SelectMany(o => o.Top!).Select(t => (t.Id, t.Logprob)), scored.SelectMany(o => o.Top!).Select(t => (t.Id, t.Logprob)));
        Assert.All(scored, token => Assert.Equal(1, token.Rank));
    }

    [Theory]
    [InlineData(41)]
    [InlineData(1)]
    [InlineData(256)]
    public async Task A_prompt_is_scored_without_a_completion(int length)
    {
        var request = s_request with { PromptTokens = Engines.Prompt(length), MaxTokens = 0, PrefixSalt = [1] };
        for (var round = 0; round < 2; round++)
        {
            var scored = await _engine.CompleteAsync(request, Cancellation);
            Assert.Equal((FinishReason.Length, 0, length), (scored.Finished.Reason, scored.Finished.CompletionTokens, scored.Finished.PromptTokens));
            Assert.Empty(scored.Outputs);
            Assert.Equal(request.PromptTokens, Told(scored).Select(t => t.Id));
            if (length < 256)
                Assert.Equal(Told(await _engine.CompleteAsync(request with { MaxTokens = 1 }, Cancellation)).Select(t => t.Logprob), Told(scored).Select(t => t.Logprob));
            var read = await _engine.CompleteAsync(request with { PromptLogprobs = null }, Cancellation);
            Assert.Equal((FinishReason.Length, 0), (read.Finished.Reason, read.Finished.CompletionTokens));
        }
    }

    [Fact]
    public async Task What_others_have_computed_of_the_prompt_does_not_take_them_away()
    {
        var request = s_request with { PrefixSalt = [1, 2, 3] };
        var first = await _engine.CompleteAsync(request, Cancellation);
        var second = await _engine.CompleteAsync(request, Cancellation);
        Assert.Equal(0, second.Finished.CachedTokens);
        Same(first, second);
        Assert.Equal(32, (await _engine.CompleteAsync(request with { PromptLogprobs = null }, Cancellation)).Finished.CachedTokens);
    }

    [Fact]
    public async Task They_do_not_change_the_completion()
    {
        var with = await _engine.CompleteAsync(s_request, Cancellation);
        var without = await _engine.CompleteAsync(s_request with { PromptLogprobs = null }, Cancellation);
        Assert.Equal(without.Root, with.Root);
        Assert.DoesNotContain(without.Events, e => e is PromptTokens);
    }

    [Fact]
    public async Task Chunks_threads_stages_and_neighbours_change_no_bit()
    {
        var alone = await _engine.CompleteAsync(s_request, Cancellation);
        EngineOptions[] machines =
        [
            new() { Threads = 1, SequencesMax = 1, StepTokensMax = 1 }, new() { Threads = 1, StepTokensMax = 7 },
            new() { Threads = 2, ParallelCostMin = 0, Stages = 2, StepTokensMax = 200 },
        ];
        foreach (var options in machines)
        {
            await using var other = await Engines.LoadAsync(new() { Layers = 2 }, options);
            var beside = Enumerable.Range(0, 5).Select(seed => other.CompleteAsync(s_request with { PromptTokens = Engines.Prompt(50, seed + 2) }, Cancellation)).ToArray();
            Same(alone, await other.CompleteAsync(s_request, Cancellation));
            foreach (var neighbour in await Task.WhenAll(beside))
                Assert.Equal(50, Told(neighbour).Count);
        }
    }

    [Fact]
    public async Task A_resumed_request_tells_them_again()
    {
        var whole = await _engine.CompleteAsync(s_request, Cancellation);
        var rest = await _engine.CompleteAsync(s_request with { ResumeFrom = [.. whole.Tokens.Take(5)] }, Cancellation);
        Assert.Equal(whole.Root, rest.Root);
        Assert.Equal(Flat(whole), Flat(rest));
    }

    /// <summary>There is one slot: that another one runs means that the first waits for its caller, in the midst of its prompt.</summary>
    [Fact]
    public async Task Whoever_does_not_read_them_waits_and_gets_them_all_in_the_end()
    {
        await using var engine = await Engines.LoadAsync(new() { Layers = 2, Context = 1024 }, new() { Threads = 1, SequencesMax = 1 });
        var request = s_request with { PromptTokens = Engines.Prompt(700) };
        await using var idle = engine.GenerateAsync(request, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await idle.MoveNextAsync());
        var other = await engine.CompleteAsync(request, Cancellation);
        Assert.Equal(1, engine.Load.Paused);
        var events = new List<GenerationEvent> { idle.Current };
        while (await idle.MoveNextAsync())
            events.Add(idle.Current);
        Same(other, new Completion(events));
        Assert.Equal(700, Told(other).Count);
    }

    [Fact]
    public async Task A_prompt_of_one_token_has_none_and_more_alternatives_than_allowed_are_refused()
    {
        var one = await _engine.CompleteAsync(s_request with { PromptTokens = [7] }, Cancellation);
        Assert.Equal(7, Assert.Single(Told(one)).Id);
        var refused = await Assert.ThrowsAsync<GenerationRejectedException>(() => _engine.CompleteAsync(s_request with { PromptLogprobs = 21 }, Cancellation));
        Assert.Contains("prompt_logprobs is 21", refused.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<TokenOutput> Told(Completion completion) => [.. completion.Events.OfType<PromptTokens>().SelectMany(e => e.Tokens)];

    private static void Same(Completion expected, Completion actual)
    {
        Assert.Equal(expected.Root, actual.Root);
        Assert.Equal(Flat(expected), Flat(actual));
    }

    private static IEnumerable<(int, float, int)> Flat(Completion completion) =>
        Told(completion).SelectMany(t => (t.Top ?? []).Select(a => (a.Id, a.Logprob, 0)).Prepend((t.Id, t.Logprob, t.Rank)));
}
