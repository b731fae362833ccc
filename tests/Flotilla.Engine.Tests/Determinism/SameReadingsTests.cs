using Flotilla.Engine.Tests.Kernels;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Determinism;

/// <summary>How a machine reads texts, and which others beside them, does not show in what it makes of them: of every encoder, pooling and tensor type.</summary>
public sealed class SameReadingsTests
{
    private static readonly int[] s_words = [1, 4, 9, 30];

    public static TheoryData<string, WeightType, int> Models
    {
        get
        {
            var data = new TheoryData<string, WeightType, int>
            {
                { "nomic-bert", WeightType.F16, 1 }, { "nomic-bert", WeightType.Q8_0, 4 }, { "qwen3", WeightType.Q8_0, 3 }, { "llama", WeightType.F16, 4 },
            };
            foreach (var type in Enum.GetValues<WeightType>())
                data.Add("bert", type, 1 + ((int)type % 4));
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Any_threads_width_stages_and_chunks_give_the_same_bits(string architecture, WeightType weights, int pooling)
    {
        EngineOptions[] ways =
        [
            new() { Threads = 1 },
            new() { Threads = 2, ParallelCostMin = 0, StepTokensMax = 1000 },
            new() { Threads = 4, ParallelCostMin = 0, Stages = 2, SequencesMax = 1, StepTokensMax = 1 },
            .. KernelTests.Supported().Select(width => new EngineOptions { Threads = 1, Kernels = width }),
        ];
        float[][]? first = null;
        foreach (var way in ways)
        {
            await using var engine = await LoadAsync(architecture, weights, pooling, way);
            var all = new List<float[]>();
            foreach (var text in Texts())
                all.Add(await ReadAsync(engine, text));
            first ??= [.. all];
            Assert.Equal(first, all);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Texts_beside_each_other_give_the_same_bits(string architecture, WeightType weights, int pooling)
    {
        await using var engine = await LoadAsync(architecture, weights, pooling, new() { Threads = 2, ParallelCostMin = 0, SequencesMax = 8, StepTokensMax = 96 });
        var alone = new List<float[]>();
        foreach (var text in Texts())
            alone.Add(await ReadAsync(engine, text));
        Assert.Equal(alone, await Task.WhenAll(Texts().Select(text => ReadAsync(engine, text))));
    }

    /// <summary>Of one word to many blocks.</summary>
    private static IEnumerable<string> Texts() =>
        s_words.Select(words => string.Join(' ', Enumerable.Range(0, words).Select(word => "abcdefghijklm"[(word * 5 % 13)..])));

    private static async Task<float[]> ReadAsync(InferenceEngine engine, string text) => engine.Model.CanRank
        ? [(await engine.RankAsync("what is it", text, TestContext.Current.CancellationToken)).Score]
        : (await engine.EmbedAsync(text, cancellation: TestContext.Current.CancellationToken)).Vector;

    private static Task<InferenceEngine> LoadAsync(string architecture, WeightType weights, int pooling, EngineOptions options)
    {
        var shape = architecture.EndsWith("bert", StringComparison.Ordinal)
            ? SyntheticModelOptions.Encoder(weights, architecture)
            : SyntheticModelOptions.For(weights) with { Architecture = architecture };
        return Engines.LoadAsync(shape with { Layers = 2, Context = 512, Extra = new Dictionary<string, object> { ["pooling_type"] = pooling } }, options);
    }
}
