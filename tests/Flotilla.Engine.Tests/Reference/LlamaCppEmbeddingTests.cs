using Flotilla.Engine.Tests.Tokenization;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Reference;

/// <summary>Embeddings and judgements against llama.cpp: the same tokens, every encoder and every tensor type, and decoders that embed or judge.</summary>
public sealed class LlamaCppEmbeddingTests(ITestOutputHelper output)
{
    private const int Context = 256;

    /// <summary>Of models of floats, the greatest root mean square of the differences, as a share of the values' spread.</summary>
    private const double FloatDifferenceMax = 0.02;

    private static readonly int[] s_lengths = [1, 2, 5, 16, 17, 40, 64, 100, 200, 256];

    public static TheoryData<string, WeightType> Matrix()
    {
        var matrix = new TheoryData<string, WeightType>();
        foreach (var architecture in (string[])["bert", "nomic-bert"])
        {
            foreach (var type in Enum.GetValues<WeightType>())
                matrix.Add(architecture, type);
        }

        return matrix;
    }

    /// <summary>Each way to pool, and what shapes and metadata the matrix does not have.</summary>
    public static TheoryData<string, SyntheticModelOptions> Variants => new()
    {
        { "bert, first token", Encoder("bert", ("pooling_type", 2)) },
        { "bert, last token", Encoder("bert", ("pooling_type", 3)) },
        { "nomic-bert, first token", Encoder("nomic-bert", ("pooling_type", 2)) },
        { "wide heads", Encoder("bert") with { Width = 96, Heads = 3, KvHeads = 3, HeadLength = 32, FeedForward = 160 } },
        { "XLM-RoBERTa", XlmRoberta() },
        { "qwen3, last token", Decoder("qwen3", ("pooling_type", 3)) },
        { "llama, mean", Decoder("llama", ("pooling_type", 1)) },
        { "qwen2, last token", Decoder("qwen2", ("pooling_type", 3)) with { HeadLength = 16 } },
        { "gemma3, mean", Decoder("gemma3", ("pooling_type", 1)) },
    };

    /// <summary>Heads that judge pairs.</summary>
    public static TheoryData<string, SyntheticModelOptions> Heads => new()
    {
        { "bert F16", Encoder("bert", ("pooling_type", 4)) },
        { "bert Q8_0", Encoder("bert", ("pooling_type", 4)) with { Weights = WeightType.Q8_0 } },
        { "bert F32", Encoder("bert", ("pooling_type", 4)) with { Weights = WeightType.F32 } },
        { "qwen3 of two labels", Decoder("qwen3", ("pooling_type", 4), ("classifier.output_labels", (string[])["yes", "no"])) },
        { "qwen3 of two labels, Q8_0", Decoder("qwen3", ("pooling_type", 4), ("classifier.output_labels", (string[])["yes", "no"])) with { Weights = WeightType.Q8_0 } },
    };

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task Embeddings_are_llama_cpps(string architecture, WeightType type) =>
        await CompareAsync($"{architecture} {type}", SyntheticModelOptions.Encoder(type, architecture));

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Embeddings_pooled_otherwise_are_llama_cpps(string name, SyntheticModelOptions model) => await CompareAsync(name, model);

    [Theory]
    [MemberData(nameof(Heads))]
    public async Task Judgements_are_llama_cpps(string name, SyntheticModelOptions options)
    {
        // llama.cpp takes both texts for the first, so only models that do not tell them apart can be compared.
        options = options with { TokenTypes = 1 };
        var labels = options.Extra.ContainsKey("classifier.output_labels") ? 2 : 1;
        (string Query, string Document)[] pairs = [.. Enumerable.Range(1, 40).Select(round => (Words((round % 7) + 1, round), Words((round * 5 % 40) + 1, round + 100)))];
        await CompareAsync(name, options, Ours, (engine, readings) => [.. pairs.Select(pair =>
        {
            var number = readings.Pooled(engine.Tokenizer.EncodePair(pair.Query, pair.Document).Ids, labels)[0];
            return (float[])[labels == 1 ? (float)(1 / (1 + Math.Exp(-number))) : number];
        })]);

        async Task<List<float[]>> Ours(InferenceEngine engine)
        {
            var scores = new List<float[]>();
            foreach (var (query, document) in pairs)
                scores.Add([(await engine.RankAsync(query, document, TestContext.Current.CancellationToken)).Score]);
            return scores;
        }
    }

    private async Task CompareAsync(string name, SyntheticModelOptions options)
    {
        int[][] texts = [.. s_lengths.Select(length => Engines.Prompt(length, length))];
        await CompareAsync(name, options, Ours, (_, readings) => [.. texts.Select(text => OfLengthOne(readings.Pooled(text, options.Width)))]);

        async Task<List<float[]>> Ours(InferenceEngine engine)
        {
            var vectors = new List<float[]>();
            foreach (var text in texts)
                vectors.Add((await engine.EmbedAsync(text, cancellation: TestContext.Current.CancellationToken)).Vector);
            return vectors;
        }
    }

    /// <summary>Quantised models may differ by as much as quantising itself costs in llama.cpp: its own difference from the same weights in 16 bits.</summary>
    private async Task CompareAsync(
        string name, SyntheticModelOptions options, Func<InferenceEngine, Task<List<float[]>>> oursAsync, Func<InferenceEngine, LlamaCppReadings, List<float[]>> theirsOf)
    {
        var llama = LlamaCppLibrary.Get();
        options = options with { Context = Context };
        using var file = SyntheticModelFile.Create(options);
        await using var engine = await InferenceEngine.LoadAsync(file.Path, new EngineOptions { Threads = 1 });
        var (ours, theirs) = (await oursAsync(engine), Theirs(file));
        var allowed = FloatDifferenceMax;
        if (options.Weights is not (WeightType.F32 or WeightType.F16 or WeightType.BF16))
        {
            using var exact = SyntheticModelFile.Create(options with { Weights = WeightType.F16 });
            allowed = Math.Max(allowed, Difference(Theirs(exact), theirs));
        }

        var difference = Difference(ours, theirs);
        output.WriteLine($"{name}: difference {100 * difference:F2} % (allowed {100 * allowed:F2} %)");
        Assert.True(difference <= allowed, $"{name}: the values differ by {difference:P2} of their spread; {allowed:P2} is allowed.");

        List<float[]> Theirs(SyntheticModelFile model)
        {
            using var readings = new LlamaCppReadings(llama, model.Path, Context, hasMemory: !options.IsEncoder);
            return theirsOf(engine, readings);
        }
    }

    private static SyntheticModelOptions Encoder(string architecture, params (string Key, object Value)[] extra) =>
        SyntheticModelOptions.Encoder(WeightType.F16, architecture) with { Extra = extra.ToDictionary(pair => pair.Key, pair => pair.Value) };

    private static SyntheticModelOptions XlmRoberta()
    {
        var vocabulary = new VocabularyTrainer(seed: 1, bytes: 60_000, merges: 400).Unigram(("add_space_prefix", true), ("remove_extra_whitespaces", true));
        return Encoder("bert", ("pooling_type", 2)) with { TokenTypes = 1, Tokenizer = vocabulary, Vocabulary = vocabulary.Tokens.Count };
    }

    private static SyntheticModelOptions Decoder(string architecture, params (string Key, object Value)[] extra) =>
        new() { Architecture = architecture, Weights = WeightType.F16, Extra = extra.ToDictionary(pair => pair.Key, pair => pair.Value) };

    private static string Words(int count, int seed)
    {
        var random = new Random(seed);
        return string.Join(' ', Enumerable.Range(0, count).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => (char)random.Next('a', 'z' + 1)))));
    }

    private static float[] OfLengthOne(float[] vector)
    {
        var length = Math.Sqrt(vector.Sum(value => (double)value * value));
        return [.. vector.Select(value => (float)(value / length))];
    }

    /// <summary>The root mean square of the differences, as a share of the second's spread.</summary>
    private static double Difference(List<float[]> one, List<float[]> two)
    {
        var mean = two.SelectMany(values => values).Average(value => (double)value);
        var spread = Math.Sqrt(two.SelectMany(values => values).Average(value => Math.Pow(value - mean, 2)));
        return Math.Sqrt(one.Zip(two).SelectMany(pair => pair.First.Zip(pair.Second)).Average(pair => Math.Pow((double)pair.First - pair.Second, 2))) / spread;
    }
}
