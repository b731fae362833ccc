using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Generation;

/// <summary>Prompts that begin alike are computed once, and nobody can tell by the result.</summary>
public sealed class PrefixTests
{
    private static readonly SyntheticModelOptions s_model = new() { Context = 512 };
    private static readonly byte[] s_salt = [1, 2, 3];

    private static GenerationRequest Request(int promptTokens = 100, byte[]? salt = null, ulong seed = 7) => new()
    {
        PromptTokens = Engines.Prompt(promptTokens), MaxTokens = 20, IgnoreEos = true, PrefixSalt = salt, Sampling = new() { Seed = seed },
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_prompt_seen_before_is_not_computed_again_and_gives_the_same_bits(int stages)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var engine = await Engines.LoadAsync(s_model, new EngineOptions { Threads = 1, Stages = stages });
        var alone = await engine.CompleteAsync(Request(), cancellation);
        foreach (var (tokens, cached) in ((int, int)[])[(100, 0), (100, 96), (97, 96), (96, 80), (16, 0), (17, 16), (120, 96)])
        {
            var shared = await engine.CompleteAsync(Request(tokens, s_salt), cancellation);
            var plain = await engine.CompleteAsync(Request(tokens), cancellation);
            Assert.Equal((plain.Root, plain.Text), (shared.Root, shared.Text));
            Assert.Equal(0, plain.Finished.CachedTokens);
            Assert.Equal(cached, shared.Finished.CachedTokens);
        }

        Assert.Equal(alone.Root, (await engine.CompleteAsync(Request(100, s_salt), cancellation)).Root);
    }

    [Fact]
    public async Task A_conversation_goes_on_from_its_last_answer()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var engine = await Engines.LoadAsync(s_model);
        var first = await engine.CompleteAsync(Request(100, s_salt), cancellation);
        var next = Request(100, s_salt) with { PromptTokens = [.. Engines.Prompt(100), .. first.Tokens, 5, 6, 7, 8, 9, 10, 11, 12] };
        var shared = await engine.CompleteAsync(next, cancellation);
        Assert.Equal(112, shared.Finished.CachedTokens);
        Assert.Equal((await engine.CompleteAsync(next with { PrefixSalt = null }, cancellation)).Root, shared.Root);
    }

    [Fact]
    public async Task Another_salt_shares_nothing()
    {
        await using var engine = await Engines.LoadAsync(s_model);
        await engine.CompleteAsync(Request(100, s_salt), TestContext.Current.CancellationToken);
        var other = await engine.CompleteAsync(Request(100, [1, 2, 4]), TestContext.Current.CancellationToken);
        Assert.Equal(0, other.Finished.CachedTokens);
    }

    [Fact]
    public async Task Choices_of_one_prompt_compute_it_once_though_they_begin_together()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var engine = await Engines.LoadAsync(s_model, new EngineOptions { Threads = 1, StepTokensMax = 24 });
        var alone = new List<Completion>();
        for (var choice = 0; choice < 4; choice++)
            alone.Add(await engine.CompleteAsync(Choice(choice, null), cancellation));
        var together = await Task.WhenAll(Enumerable.Range(0, 4).Select(choice => engine.CompleteAsync(Choice(choice, s_salt), cancellation)));
        Assert.Equal(alone.Select(a => a.Root), together.Select(a => a.Root));
        Assert.Equal([0, 96, 96, 96], together.Select(a => a.Finished.CachedTokens).Order());

        static GenerationRequest Choice(int choice, byte[]? salt) => Request(100, salt) with { Sampling = new() { Seed = 3, Choice = choice } };
    }

    [Fact]
    public async Task When_the_one_who_computes_goes_away_another_takes_over()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var engine = await Engines.LoadAsync(s_model, new EngineOptions { Threads = 1, StepTokensMax = 2 });
        var expected = await engine.CompleteAsync(Request(300), cancellation);
        for (var round = 0; round < 10; round++)
        {
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var salt = new[] { (byte)round };
            var leader = engine.CompleteAsync(Request(300, salt), leaving.Token);
            var follower = engine.CompleteAsync(Request(300, salt), cancellation);
            await leaving.CancelAsync();
            Assert.Equal(expected.Root, (await follower).Root);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leader);
        }
    }

    [Fact]
    public async Task Memory_that_running_sequences_need_is_taken_from_what_is_kept()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var probe = await Engines.LoadAsync(s_model);
        await using var engine = await Engines.LoadAsync(s_model, new EngineOptions { Threads = 1, KvBytesMax = BlockBytes(probe) * 10, PrefixBytesMax = BlockBytes(probe) * 10 });
        var expected = await engine.CompleteAsync(Request(100), cancellation);
        for (var salt = 0; salt < 30; salt++)
        {
            var first = await engine.CompleteAsync(Request(100, [(byte)salt]), cancellation);
            var again = await engine.CompleteAsync(Request(100, [(byte)salt]), cancellation);
            Assert.Equal((0, 96), (first.Finished.CachedTokens, again.Finished.CachedTokens));
            Assert.Equal((expected.Root, expected.Root), (first.Root, again.Root));
        }
    }

    [Fact]
    public async Task Nothing_is_kept_where_nothing_shall_be()
    {
        await using var engine = await Engines.LoadAsync(s_model, new EngineOptions { Threads = 1, PrefixBytesMax = 0 });
        await engine.CompleteAsync(Request(100, s_salt), TestContext.Current.CancellationToken);
        Assert.Equal(0, (await engine.CompleteAsync(Request(100, s_salt), TestContext.Current.CancellationToken)).Finished.CachedTokens);
    }

    [Fact]
    public async Task Resumed_answers_share_prompts_too()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var engine = await Engines.LoadAsync(s_model);
        var whole = await engine.CompleteAsync(Request(100, s_salt), cancellation);
        var rest = await engine.CompleteAsync(Request(100, s_salt) with { ResumeFrom = [.. whole.Tokens.Take(9)] }, cancellation);
        Assert.Equal((whole.Root, 96), (rest.Root, rest.Finished.CachedTokens));
    }

    /// <summary>Two layers of keys and values in single precision.</summary>
    private static long BlockBytes(InferenceEngine engine) => (long)engine.Model.LayerCount * s_model.KvHeads * s_model.HeadLength * 16 * sizeof(float) * 2;
}
