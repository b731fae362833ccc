using System.Security.Cryptography;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Models;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Gguf;

/// <summary>A model in several files, <c>-00001-of-00003.gguf</c> and so on, as llama.cpp's gguf-split writes them.</summary>
public sealed class SplitModelTests
{
    private static readonly GenerationRequest s_request = new()
    {
        PromptTokens = Engines.Prompt(9), MaxTokens = 8, IgnoreEos = true, TopLogprobs = 1, Sampling = new() { Temperature = 0.7f, Seed = 3 },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public async Task Load_parts_give_the_results_of_the_whole(int count, bool firstIsEmpty)
    {
        var writer = SyntheticModel.Writer(new());
        using var whole = SyntheticModelFile.Of(writer.Build());
        using var split = new SplitModel(writer.Split(count, firstIsEmpty));
        var reports = new List<LoadProgress>();
        await using var one = await InferenceEngine.LoadAsync(whole.Path, new() { Threads = 1 }, null, Cancellation);
        await using var many = await InferenceEngine.LoadAsync(split.Part(0), new() { Threads = 1 }, new Reports(reports), Cancellation);

        var (expected, actual) = (await one.CompleteAsync(s_request, Cancellation), await many.CompleteAsync(s_request, Cancellation));
        Assert.Equal(expected.Tokens, actual.Tokens);
        Assert.Equal(expected.Outputs.Select(output => output.Logprob), actual.Outputs.Select(output => output.Logprob));
        Assert.Equal(one.Model.ParameterCount, many.Model.ParameterCount);
        Assert.Equal(one.Model.TokenizerDigest, many.Model.TokenizerDigest);
        var paths = Enumerable.Range(0, count).Select(split.Part).ToArray();
        var digests = paths.SelectMany(path => SHA256.HashData(File.ReadAllBytes(path))).ToArray();
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(digests)), many.Model.FileDigest);
        Assert.Equal(reports.OrderBy(report => report.BytesRead), reports);
        var length = paths.Sum(path => new FileInfo(path).Length);
        Assert.Equal(new LoadProgress(length, length), reports[^1]);
        Assert.Equal(length, many.Model.FileBytes);
        Assert.Equal(one.Model.TokenWeightBytes, many.Model.TokenWeightBytes);
    }

    [Fact]
    public void Load_parts_without_a_name_of_their_own_take_that_of_the_files()
    {
        using var split = new SplitModel(SyntheticModel.Writer(new()).Remove("general.name").Split(2));
        Assert.Equal("small", LoadedModel.Load(split.Part(0), 0, null, Cancellation).Info.Name);
    }

    [Fact]
    public void Load_second_part_is_told_to_begin_with_the_first()
    {
        using var split = new SplitModel(SyntheticModel.Writer(new()).Split(2));
        Refused(GgufError.BadSplit, split.Part(1), "small-00002-of-00002.gguf is part 2 of 2");
    }

    [Fact]
    public void Load_missing_part_is_named()
    {
        using var split = new SplitModel(SyntheticModel.Writer(new()).Split(3));
        File.Delete(split.Part(2));
        Refused(GgufError.BadSplit, split.Part(0), "small-00003-of-00003.gguf, part 3 of 3 of the model, is missing");
    }

    [Fact]
    public void Load_first_part_under_another_name_is_told_its_own()
    {
        using var split = new SplitModel(SyntheticModel.Writer(new()).Split(2));
        var renamed = Path.Combine(Path.GetDirectoryName(split.Part(0))!, "model.gguf");
        File.Move(split.Part(0), renamed);
        Refused(GgufError.BadSplit, renamed, "its name must end in -00001-of-00002.gguf");
    }

    [Fact]
    public void Load_parts_in_each_others_place_are_refused()
    {
        using var split = new SplitModel(SyntheticModel.Writer(new()).Split(3));
        File.Copy(split.Part(2), split.Part(1), overwrite: true);
        Refused(GgufError.BadSplit, split.Part(0), "small-00002-of-00003.gguf: It says that it is part 3 of 3, and should be part 2 of 3");
    }

    [Fact]
    public void Load_part_that_is_a_model_of_one_file_is_refused()
    {
        using var split = new SplitModel(SyntheticModel.Writer(new()).Split(2));
        File.WriteAllBytes(split.Part(1), SyntheticModel.Build(new()));
        Refused(GgufError.MissingKey, split.Part(0), "small-00002-of-00002.gguf: The metadata key split.no is missing");
    }

    [Fact]
    public void Load_part_that_is_cut_short_is_named()
    {
        var parts = SyntheticModel.Writer(new()).Split(2);
        parts[1].CutBytes = 400;
        using var split = new SplitModel(parts);
        Refused(GgufError.OutsideFile, split.Part(0), "small-00002-of-00002.gguf: ");
    }

    [Fact]
    public void Load_tensor_in_two_parts_is_refused()
    {
        var parts = SyntheticModel.Writer(new()).Split(2);
        parts[1].AddTensor("token_embd.weight", [32], 0, new byte[128]);
        using var split = new SplitModel(parts);
        Refused(GgufError.DuplicateTensor, split.Part(0), "token_embd.weight stands in two parts");
    }

    [Fact]
    public void Load_parts_with_a_tensor_too_few_are_refused()
    {
        var parts = SyntheticModel.Writer(new()).Split(2);
        parts[1].RemoveTensor("output_norm.weight");
        using var split = new SplitModel(parts);
        Refused(GgufError.BadSplit, split.Part(0), "split.tensors.count is 46, but the parts have 45 tensors");
    }

    [Fact]
    public void Load_more_parts_than_the_limit_are_refused_before_one_is_opened()
    {
        var writer = SyntheticModel.Writer(new()).AddRaw("split.count", 2, [1, 1]);
        using var file = SyntheticModelFile.Of(writer.Build());
        Refused(GgufError.BadParameter, file.Path, "split.count is 257; 0 to 256 are allowed");
    }

    private static void Refused(GgufError error, string path, string message)
    {
        var exception = Assert.Throws<GgufException>(() => LoadedModel.Load(path, 0, null, Cancellation));
        Assert.Equal(error, exception.Error);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    private sealed class Reports(List<LoadProgress> all) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => all.Add(value);
    }
}
