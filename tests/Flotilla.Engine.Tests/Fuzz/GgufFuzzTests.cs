using Flotilla.Engine.Cache;
using Flotilla.Engine.Chat;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Kernels;
using Flotilla.Engine.Models;
using Flotilla.Engine.Templates;
using Flotilla.Engine.Threads;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Fuzz;

/// <summary>
/// Spoilt model files. Whatever is done to one, it is refused with one of the two typed errors, or it is a model that can be used:
/// no other exception, no more memory than the promise, no byte read twice.
/// </summary>
public sealed class GgufFuzzTests
{
    private static readonly SyntheticModelOptions[] s_shapes =
    [
        new() { Layers = 1, Vocabulary = 300 },
        new() { Architecture = "llama", Layers = 2, Vocabulary = 300, Weights = WeightType.Q4_0, Experts = 3, Tied = false },
        new() { Architecture = "gemma3", Layers = 1, Vocabulary = 300, Weights = WeightType.F16, ChatTemplate = null },
        new() { Architecture = "phi3", Layers = 1, Vocabulary = 300, Weights = WeightType.BF16 },
        new() { Architecture = "qwen2", Layers = 1, Vocabulary = 300, Weights = WeightType.MXFP4 },
        SyntheticModelOptions.For(WeightType.Q4_K) with { Architecture = "granite", Layers = 1, Vocabulary = 300 },
        SyntheticModelOptions.Encoder(WeightType.F16) with
        {
            Layers = 1, Vocabulary = 300, Extra = new Dictionary<string, object> { ["pooling_type"] = 4, ["classifier.output_labels"] = (string[])["yes", "no"] },
        },
        SyntheticModelOptions.Encoder(WeightType.Q8_0) with
        {
            Architecture = "nomic-bert", Layers = 1, Vocabulary = 300, Extra = new Dictionary<string, object> { ["matryoshka_dimensions"] = (int[])[16, 32] },
        },
    ];

    [Fact]
    public void Synthetic_files_spoilt_anyhow()
    {
        GgufMutator[] mutators = [.. s_shapes.Select(shape => new GgufMutator(SyntheticModel.Build(shape)))];
        var (accepted, refused) = FuzzRun.Run("gguf", 36_000, random => mutators[random.Next(mutators.Length)].Mutate(random), Feed);
        Assert.True(accepted > 0 && refused > accepted, $"{accepted} files were accepted, {refused} refused.");
    }

    [Fact]
    public void The_demo_model_spoilt_anyhow()
    {
        var mutator = new GgufMutator(File.ReadAllBytes(Engines.DemoModel));
        var (accepted, refused) = FuzzRun.Run("demo", 800, mutator.Mutate, Feed);
        Assert.True(accepted > 0 && refused > accepted, $"{accepted} files were accepted, {refused} refused.");
    }

    /// <summary>Files that once did what no file may do.</summary>
    [Fact]
    public void What_was_found_before_stays_repaired()
    {
        foreach (var path in Directory.EnumerateFiles(FuzzFindings.Folder, "*.gguf"))
            SmallStack.Run(() => Feed(path, File.ReadAllBytes(path)));
    }

    private static bool Feed(string path, byte[] bytes)
    {
        LoadedModel model;
        try
        {
            var progress = new NoMoreThan(bytes.Length);
            model = FuzzRun.Measured(FuzzRun.AllocationMax(bytes.Length), () => LoadedModel.Load(path, 0, progress, TestContext.Current.CancellationToken));
        }
        catch (Exception exception) when (exception is GgufException or ModelNotSupportedException)
        {
            return false;
        }

        Use(model);
        return true;
    }

    /// <summary>What is accepted must bear to be used: text to tokens, a prompt, a step.</summary>
    private static void Use(LoadedModel model)
    {
        var tokens = model.Tokenizer.Encode("Hello 日本 <|im_end|> 123", parseSpecial: false, addBos: model.Tokenizer.AddsBos);
        Assert.All(tokens, token => Assert.InRange(token, 0, model.Info.VocabularySize - 1));
        try
        {
            model.Prompts?.Build([new ChatMessage("user", "Hello")], [], default, TestContext.Current.CancellationToken);
        }
        catch (TemplateException)
        {
            // A template may say so when it is called, not only when it is read.
        }

        using var pool = new ComputePool(1);
        var transformer = new Transformer(model.Config, model.Weights, KernelSet.For(KernelWidth.Best), pool, 1, tokensMax: 4, logitRowsMax: 1);
        var (cache, batch) = (new SequenceCache(new KvPool(transformer.KvBlockLengths, 1L << 40), 16), new StepBatch(4));
        cache.Extend(3);
        for (var position = 0; position < 3; position++)
            batch.Add(position, position, cache);
        var row = model.Info.CanGenerate ? batch.WantLogits(2) : batch.WantHidden(2);
        transformer.Forward(batch);
        if (model.Info.CanRank)
            transformer.Judge(transformer.Hidden(row));
    }

    private sealed class NoMoreThan(long bytes) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value)
        {
            if (value.BytesRead > bytes)
                throw new FuzzException($"{value.BytesRead} bytes were read of a file of {bytes}.", null);
        }
    }
}
