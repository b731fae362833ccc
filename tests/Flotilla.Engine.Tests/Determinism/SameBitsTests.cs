using Flotilla.Engine.Tests.Kernels;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Determinism;

/// <summary>The promise of docs/numerics.md: how a machine computes does not show in what it computes.</summary>
public sealed class SameBitsTests
{
    private static readonly GenerationRequest s_request = new()
    {
        PromptTokens = Engines.Prompt(37), MaxTokens = 20, IgnoreEos = true, TopLogprobs = 2,
        Sampling = new() { Temperature = 0.9f, TopP = 0.95f, TopK = 100, FrequencyPenalty = 0.3f, RepetitionPenalty = 1.1f, Seed = 42 },
    };

    public static TheoryData<string, WeightType> Models => new()
    {
        { "qwen3", WeightType.Q8_0 }, { "qwen3", WeightType.F16 }, { "llama", WeightType.F32 }, { "llama", WeightType.Q8_0 },
        { "qwen2", WeightType.Q8_0 }, { "qwen3moe", WeightType.Q8_0 }, { "gemma2", WeightType.F16 }, { "gemma3", WeightType.Q8_0 }, { "phi3", WeightType.Q8_0 }, { "granite", WeightType.F16 },
    };

    /// <summary>The same, and each other type once.</summary>
    public static TheoryData<string, WeightType> AllTypes
    {
        get
        {
            var data = Models;
            foreach (var type in Enum.GetValues<WeightType>().Except([WeightType.F32, WeightType.F16, WeightType.Q8_0]))
                data.Add((int)type % 2 == 0 ? "llama" : "qwen3", type);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task Generate_any_threads_gives_the_same_bits(string architecture, WeightType weights) =>
        await AllTheSameAsync(architecture, weights, [1, 2, 4], threads => new() { Threads = threads, ParallelCostMin = 0 });

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task Generate_any_vector_width_gives_the_same_bits(string architecture, WeightType weights) =>
        await AllTheSameAsync(architecture, weights, KernelTests.Supported(), width => new() { Threads = 1, Kernels = width });

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Generate_any_number_of_stages_gives_the_same_bits(string architecture, WeightType weights) =>
        await AllTheSameAsync(architecture, weights, [1, 2, 3, 4], stages => new() { Threads = 1, Stages = stages });

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task Generate_any_chunks_of_the_prompt_give_the_same_bits(string architecture, WeightType weights) =>
        await AllTheSameAsync(architecture, weights, [1, 2, 5, 16, 36, 64], tokens => new() { Threads = 1, SequencesMax = 1, StepTokensMax = tokens });

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task Generate_beside_seven_others_gives_the_same_bits(string architecture, WeightType weights)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var engine = await LoadAsync(architecture, weights, new() { Threads = 2, ParallelCostMin = 0, SequencesMax = 8 });
        var alone = await engine.CompleteAsync(s_request, cancellation);
        var others = Enumerable.Range(0, 7).Select(index => engine.CompleteAsync(
            new GenerationRequest { PromptTokens = Engines.Prompt(5 + (index * 11), index), MaxTokens = 30, IgnoreEos = true, Sampling = new() { Seed = (ulong)index } },
            cancellation)).ToArray();
        var beside = await engine.CompleteAsync(s_request, cancellation);
        await Task.WhenAll(others);
        Same(alone, beside);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Generate_resumed_anywhere_gives_the_same_rest(string architecture, WeightType weights)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var engine = await LoadAsync(architecture, weights, new() { Threads = 1 });
        var whole = await engine.CompleteAsync(s_request, cancellation);
        for (var known = 0; known <= whole.Tokens.Count; known++)
        {
            var resumed = await engine.CompleteAsync(s_request with { ResumeFrom = [.. whole.Tokens.Take(known)] }, cancellation);
            Assert.Equal(whole.Tokens.Skip(known), resumed.Tokens);
            Assert.Equal(whole.Outputs.Skip(known).Select(output => output.Logprob), resumed.Outputs.Select(output => output.Logprob));
            Assert.Equal(whole.Root, resumed.Root);
            Assert.Equal((whole.Finished.Reason, whole.Finished.CompletionTokens), (resumed.Finished.Reason, resumed.Finished.CompletionTokens));
            var before = string.Concat(TextOf(whole, known));
            // Half a character at the very end is shown when the end is known: by the whole and by what is resumed there.
            if (known < whole.Tokens.Count)
                Assert.Equal(whole.Text, before + resumed.Text);
            else
                Assert.EndsWith(resumed.Text, whole.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Generate_other_request_gives_another_root()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var engine = await LoadAsync("qwen3", WeightType.Q8_0, new() { Threads = 1 });
        HashSet<string> roots =
        [
            (await engine.CompleteAsync(s_request, cancellation)).Root,
            (await engine.CompleteAsync(s_request with { MaxTokens = 19 }, cancellation)).Root,
            (await engine.CompleteAsync(s_request with { PromptTokens = Engines.Prompt(36) }, cancellation)).Root,
            (await engine.CompleteAsync(s_request with { Sampling = s_request.Sampling with { Seed = 43 } }, cancellation)).Root,
            (await engine.CompleteAsync(s_request with { Sampling = s_request.Sampling with { Choice = 1 } }, cancellation)).Root,
        ];
        Assert.Equal(5, roots.Count);
    }

    /// <summary>The text of the events up to the one that brought the last known token.</summary>
    private static IEnumerable<string> TextOf(Completion whole, int known)
    {
        foreach (var delta in whole.Events.OfType<TextDelta>())
        {
            if (delta.Tokens.Count > 0 && known-- == 0)
                yield break;
            yield return delta.Text;
        }
    }

    private static async Task AllTheSameAsync<T>(string architecture, WeightType weights, IEnumerable<T> ways, Func<T, EngineOptions> options)
    {
        Completion? first = null;
        foreach (var way in ways)
        {
            await using var engine = await LoadAsync(architecture, weights, options(way));
            var completion = await engine.CompleteAsync(s_request, TestContext.Current.CancellationToken);
            Assert.Equal(20, completion.Tokens.Count);
            first ??= completion;
            Same(first, completion);
        }
    }

    private static void Same(Completion expected, Completion actual)
    {
        Assert.Equal(expected.Tokens, actual.Tokens);
        Assert.Equal(expected.Outputs.Select(output => output.Logprob), actual.Outputs.Select(output => output.Logprob));
        Assert.Equal(expected.Text, actual.Text);
        Assert.Equal(expected.Root, actual.Root);
    }

    private static Task<InferenceEngine> LoadAsync(string architecture, WeightType weights, EngineOptions options) =>
        Engines.LoadAsync(SyntheticModelOptions.For(weights) with { Architecture = architecture, Tied = architecture == "qwen3" }, options);
}
