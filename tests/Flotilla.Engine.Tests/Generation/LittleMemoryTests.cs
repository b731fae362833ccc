using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Generation;

/// <summary>Sequences that have to give way to each other compute their tokens again, and nobody can tell by the result.</summary>
public sealed class LittleMemoryTests
{
    private const int Layers = 2;

    private static readonly SyntheticModelOptions s_model = new() { Layers = Layers };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 0, null)]
    [InlineData(2, 0, null)]
    [InlineData(1, 6, null)]
    [InlineData(1, 0, """{"type":"array","items":{"type":"string"},"minItems":40}""")]
    public async Task Eight_that_have_room_for_two_all_finish_as_if_alone(int stages, int pagesKept, string? schema)
    {
        GenerationRequest Request(int index) => LittleMemoryTests.Request(index) with { AnswerSchema = schema };
        await using var roomy = await Engines.LoadAsync(s_model);
        await using var engine = await LoadAsync(pages: 10, stages, pagesKept);
        var alone = new List<Completion>();
        for (var index = 0; index < 8; index++)
            alone.Add(await roomy.CompleteAsync(Request(index), Cancellation));
        var together = await Task.WhenAll(Enumerable.Range(0, 8).Select(index => engine.CompleteAsync(Request(index), Cancellation)));
        for (var index = 0; index < 8; index++)
        {
            Assert.Equal(alone[index].Tokens, together[index].Tokens);
            Assert.Equal((alone[index].Root, alone[index].Text), (together[index].Root, together[index].Text));
            Assert.Equal(alone[index].Finished.Reason, together[index].Finished.Reason);
        }

        Assert.Equal((0, 0), (engine.Load.Waiting, engine.Load.Running));
        Assert.Equal(0, engine.Load.KvBytesHeld);
    }

    /// <summary>An embedding adds hidden states up; one that was computed twice must not be added twice.</summary>
    [Fact]
    public async Task Embeddings_beside_others_are_the_same()
    {
        await using var roomy = await Engines.LoadAsync(s_model);
        await using var engine = await LoadAsync(pages: 10, stages: 1, pagesKept: 0, stepTokens: 4);
        var expected = await roomy.EmbedAsync(Engines.Prompt(70), cancellation: Cancellation);
        var others = Enumerable.Range(0, 3).Select(index => engine.CompleteAsync(Request(index), Cancellation)).ToArray();
        var embedded = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => engine.EmbedAsync(Engines.Prompt(70), cancellation: Cancellation)));
        await Task.WhenAll(others);
        Assert.All(embedded, result => Assert.Equal(expected.Vector, result.Vector));
    }

    /// <summary>What was told of a prompt before somebody gave way is not told again, and what was not, is.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public async Task Prompts_log_probabilities_come_once_and_are_the_same(int pagesKept)
    {
        static GenerationRequest Telling(int index) => Request(index) with { PromptLogprobs = index % 3 == 0 ? null : 2, PromptTokens = Engines.Prompt(60 + index, index % 4) };
        static IEnumerable<(int, int, float, int)> Told(Completion completion) => completion.Events.OfType<PromptTokens>()
            .SelectMany(told => told.Tokens.Select((token, index) => (told.Position + index, token.Id, token.Logprob, token.Rank)));
        await using var roomy = await Engines.LoadAsync(s_model);
        await using var engine = await LoadAsync(pages: 12, stages: 1, pagesKept, stepTokens: 16);
        var together = await Task.WhenAll(Enumerable.Range(0, 8).Select(index => engine.CompleteAsync(Telling(index), Cancellation)));
        for (var index = 0; index < 8; index++)
        {
            var alone = await roomy.CompleteAsync(Telling(index), Cancellation);
            Assert.Equal(alone.Root, together[index].Root);
            Assert.Equal(Told(alone), Told(together[index]));
            Assert.Equal(index % 3 == 0 ? 0 : 60 + index, Told(alone).Count());
        }

        Assert.Equal(0, engine.Load.KvBytesHeld);
    }

    /// <summary>Texts that are computed whole wait for each other's memory and for a step that has room.</summary>
    [Fact]
    public async Task Encoders_texts_beside_others_are_the_same()
    {
        var model = SyntheticModelOptions.Encoder(WeightType.F16);
        await using var roomy = await Engines.LoadAsync(model);
        await using var engine = await Engines.LoadAsync(model, new() { Threads = 1, StepTokensMax = 16, KvBytesMax = 16 * 2L * model.KvLength * 16 * sizeof(float) });
        int[] lengths = [250, 3, 16, 17, 100, 1, 250, 40, 8, 8, 200];
        var together = await Task.WhenAll(lengths.Select(length => engine.EmbedAsync(Engines.Prompt(length), cancellation: Cancellation)));
        for (var index = 0; index < lengths.Length; index++)
            Assert.Equal((await roomy.EmbedAsync(Engines.Prompt(lengths[index]), cancellation: Cancellation)).Vector, together[index].Vector);
        Assert.Equal((0, 0, 0L), (engine.Load.Waiting, engine.Load.Running, engine.Load.KvBytesHeld));
    }

    [Fact]
    public async Task Whoever_leaves_while_he_waits_again_is_gone()
    {
        await using var engine = await LoadAsync(pages: 10, stages: 1, pagesKept: 0);
        var expected = (await engine.CompleteAsync(Request(0), Cancellation)).Root;
        for (var round = 0; round < 20; round++)
        {
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var first = engine.CompleteAsync(Request(0), Cancellation);
            var others = Enumerable.Range(1, 5).Select(index => engine.CompleteAsync(Request(index), leaving.Token)).ToArray();
            if (round % 2 == 0)
                await Task.WhenAny([first, .. others]);
            await leaving.CancelAsync();
            Assert.Equal(expected, (await first).Root);
            foreach (var other in others)
                await Task.WhenAny(other);
        }

        Assert.Equal(expected, (await engine.CompleteAsync(Request(0), Cancellation)).Root);
    }

    private static GenerationRequest Request(int index) => new()
    {
        PromptTokens = Engines.Prompt(20 + (index % 3 * 9), index % 4), MaxTokens = 90, IgnoreEos = true, TopLogprobs = index % 2 == 0 ? 1 : null,
        PrefixSalt = index % 3 == 0 ? null : [7], Stop = index == 5 ? ["nowhere"] : [],
        Sampling = new() { Seed = (ulong)index, Temperature = index % 2, FrequencyPenalty = 0.2f, RepetitionPenalty = 1.1f },
    };

    private static Task<InferenceEngine> LoadAsync(int pages, int stages, int pagesKept, int stepTokens = 64)
    {
        var pageBytes = 2L * Layers * s_model.KvLength * 16 * sizeof(float);
        return Engines.LoadAsync(s_model, new() { Threads = 1, Stages = stages, StepTokensMax = stepTokens, KvBytesMax = pages * pageBytes, PrefixBytesMax = pagesKept * pageBytes });
    }
}
