using Flotilla.Cli.Bench;
using Flotilla.Engine.Cache;
using Flotilla.Engine.Kernels;
using Flotilla.Engine.Models;
using Flotilla.Engine.Threads;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Reference;

/// <summary>
/// Every architecture and tensor type against llama.cpp: the same tokens, the logits after each. It rounds keys and values to 16 bits, and
/// activations' scales too, so logits are near and not the same.
/// </summary>
public sealed class LlamaCppTests(ITestOutputHelper output)
{
    private const int Positions = 256;

    /// <summary>Of models of floats, the greatest root mean square of the differences, as a share of the logits' spread.</summary>
    private const double FloatDifferenceMax = 0.02;

    public static TheoryData<string, WeightType> Matrix()
    {
        var matrix = new TheoryData<string, WeightType>();
        foreach (var architecture in (string[])["llama", "qwen2", "qwen3", "gemma2", "gemma3", "phi3", "granite"])
        {
            foreach (var type in Enum.GetValues<WeightType>())
                matrix.Add(architecture, type);
        }

        // More noise than these have changes the routers' minds at so many positions that nothing else can be seen.
        foreach (var type in (WeightType[])[WeightType.F32, WeightType.F16, WeightType.Q8_0, WeightType.Q5_0])
            matrix.Add("qwen3moe", type);
        return matrix;
    }

    /// <summary>Shapes and metadata that the matrix does not have.</summary>
    public static TheoryData<string, SyntheticModelOptions> Variants => new()
    {
        { "untied", new() { Tied = false, Architecture = "llama" } },
        { "one key-value head", new() { KvHeads = 1 } },
        { "as many key-value heads", new() { KvHeads = 4, Architecture = "qwen2" } },
        { "wide", new() { Width = 96, HeadLength = 16, Heads = 6, KvHeads = 3, FeedForward = 160 } },
        { "partial rotation", new() { Architecture = "phi3", Extra = new Dictionary<string, object> { ["rope.dimension_count"] = 16 } } },
        { "linear stretch", new() { Architecture = "llama", Extra = new Dictionary<string, object> { ["rope.scaling.type"] = "linear", ["rope.scaling.factor"] = 4f } } },
        { "YaRN", new() { Architecture = "qwen2", Extra = new Dictionary<string, object> { ["rope.scaling.type"] = "yarn", ["rope.scaling.factor"] = 4f, ["rope.scaling.original_context_length"] = 64 } } },
        { "Llama 3.1's factors", new() { Architecture = "llama", HasRotationFactors = true } },
        {
            "Phi's factors", new()
            {
                Architecture = "phi3", HasRotationFactors = true,
                Extra = new Dictionary<string, object> { ["rope.scaling.type"] = "longrope", ["rope.scaling.attn_factor"] = 1.19f, ["rope.scaling.original_context_length"] = 512 },
            }
        },
        { "linear stretch of global layers", new() { Architecture = "gemma3", Layers = 7, Extra = new Dictionary<string, object> { ["rope.scaling.type"] = "linear", ["rope.scaling.factor"] = 8f } } },
        { "another base", new() { Extra = new Dictionary<string, object> { ["rope.freq_base"] = 1_000_000f } } },
        { "experts", new() { Architecture = "llama", Experts = 5, Tied = false } },
        { "long window", new() { Architecture = "gemma3", Window = 100, Layers = 7 } },
        { "local base", new() { Architecture = "gemma3", Layers = 7, Extra = new Dictionary<string, object> { ["rope.freq_base_swa"] = 500f } } },
    };

    [Theory]
    [MemberData(nameof(Matrix))]
    public void Logits_are_llama_cpps(string architecture, WeightType type) =>
        Compare($"{architecture} {type}", SyntheticModelOptions.For(type) with { Architecture = architecture });

    [Theory]
    [MemberData(nameof(Variants))]
    public void Logits_of_other_shapes_are_llama_cpps(string name, SyntheticModelOptions model) =>
        Compare(name, model with { Weights = WeightType.F16 });

    private void Compare(string name, SyntheticModelOptions options)
    {
        var llama = LlamaCppLibrary.Get();
        // llama.cpp takes it for granted that all heads of these architectures together are as wide as the hidden state.
        options = options with { Context = 512, HeadLength = options.Architecture is "qwen2" or "phi3" ? options.Width / options.Heads : options.HeadLength };
        var tokens = Engines.Prompt(Positions);
        using var file = SyntheticModelFile.Create(options);
        var (ours, theirs) = (Ours(file.Path, tokens), Theirs(llama, file.Path, tokens, options.Vocabulary));
        var (difference, spread) = (Difference(ours, theirs, options), Spread(theirs));
        var allowed = FloatDifferenceMax;
        var isFloat = options.Weights is WeightType.F32 or WeightType.F16 or WeightType.BF16;
        if (!isFloat)
        {
            using var exact = SyntheticModelFile.Create(options with { Weights = WeightType.F16 });
            allowed = Math.Max(allowed, Difference(Theirs(llama, exact.Path, tokens, options.Vocabulary), theirs, options) / spread);
        }

        var noise = isFloat ? difference : Math.Max(difference, allowed * spread);
        // A lead is the difference of two logits, so its noise is √2 of one's.
        var (asked, same) = Greedy(ours, theirs, Math.Sqrt(2) * noise);
        output.WriteLine($"{name}: difference {100 * difference / spread:F2} % (allowed {100 * allowed:F2} %), greedy {same} of {asked}");
        Assert.True(difference / spread <= allowed, $"{name}: the logits differ by {difference / spread:P2} of their spread; {allowed:P2} is allowed.");
        Assert.True(same >= (options.ExpertCount > 0 ? 0.9 : 0.99) * asked, $"{name}: of {asked} tokens that llama.cpp is sure of, {same} are the same.");
    }

    private static float[][] Theirs(LlamaCpp llama, string path, int[] tokens, int vocabulary)
    {
        using var session = llama.Open(path, tokens.Length, sequences: 1, threads: 1);
        session.Compute([.. tokens.Select((token, position) => (token, position, 0, true))]);
        var rows = new float[tokens.Length][];
        for (var row = 0; row < rows.Length; row++)
            session.CopyLogits(row, rows[row] = new float[vocabulary]);
        return rows;
    }

    [Fact]
    public void Each_of_several_sequences_has_room_for_all_tokens()
    {
        using var model = SyntheticModelFile.Create(new() { Context = 512 });
        using var session = LlamaCppLibrary.Get().Open(model.Path, 400, sequences: 4, threads: 1);
        for (var sequence = 0; sequence < 4; sequence++)
            session.Compute([.. Enumerable.Range(0, 400).Select(position => (position % 300, position, sequence, position == 399))]);
    }

    private static float[][] Ours(string path, int[] tokens)
    {
        var model = LoadedModel.Load(path, 0, null, TestContext.Current.CancellationToken);
        using var pool = new ComputePool(1);
        const int Step = 64;
        var transformer = new Transformer(model.Config, model.Weights, KernelSet.For(KernelWidth.Best), pool, 1, Step, Step);
        var cache = new SequenceCache(new KvPool(transformer.KvBlockLengths, 1L << 30), tokens.Length);
        var (batch, logits) = (new StepBatch(Step), new List<float[]>());
        for (var first = 0; first < tokens.Length; first += Step)
        {
            batch.Clear();
            cache.Extend(first + Step);
            for (var index = first; index < first + Step; index++)
                batch.Add(tokens[index], index, cache);
            for (var index = 0; index < Step; index++)
                batch.WantLogits(index);
            transformer.Forward(batch);
            logits.AddRange(Enumerable.Range(0, Step).Select(row => transformer.Logits(row).ToArray()));
        }

        return [.. logits];
    }

    /// <summary>
    /// Where a router likes two experts nearly alike, noise decides between them, and from there on the two answer differently: of models with experts
    /// the usual position tells, not the mean.
    /// </summary>
    private static double Difference(float[][] one, float[][] two, SyntheticModelOptions options) =>
        options.ExpertCount == 0 ? Rms(one, two) : one.Zip(two).Select(rows => Rms([rows.First], [rows.Second])).Order().ElementAt(one.Length / 2);

    private static double Rms(float[][] one, float[][] two) =>
        Math.Sqrt(one.Zip(two).SelectMany(rows => rows.First.Zip(rows.Second)).Average(pair => Math.Pow((double)pair.First - pair.Second, 2)));

    private static double Spread(float[][] rows)
    {
        var mean = rows.SelectMany(row => row).Average(value => (double)value);
        return Math.Sqrt(rows.SelectMany(row => row).Average(value => Math.Pow(value - mean, 2)));
    }

    /// <summary>How many greatest logits of theirs lead by more than the noise, and how many of those are ours too.</summary>
    private static (int Asked, int Same) Greedy(float[][] ours, float[][] theirs, double noise)
    {
        var (asked, same) = (0, 0);
        for (var row = 0; row < theirs.Length; row++)
        {
            var best = Array.IndexOf(theirs[row], theirs[row].Max());
            if (theirs[row][best] - theirs[row].Where((_, id) => id != best).Max() <= noise)
                continue;
            asked++;
            same += ours[row][best] == ours[row].Max() ? 1 : 0;
        }

        return (asked, same);
    }
}
