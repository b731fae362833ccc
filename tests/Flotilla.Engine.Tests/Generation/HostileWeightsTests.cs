using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Generation;

/// <summary>Well-formed files whose weights do harm: the answer is an error or an ordinary end, never a hang and never a NaN.</summary>
public sealed class HostileWeightsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KernelWidth.Best)]
    [InlineData(KernelWidth.Scalar)]
    public async Task Generate_weights_that_overflow_fail_the_request_and_not_the_engine(KernelWidth width)
    {
        var writer = SyntheticModel.Writer(new() { Layers = 1 });
        var huge = Enumerable.Repeat(3e38f, 64).ToArray();
        writer.ReplaceTensor("output_norm.weight", (shape, type, _) => (shape, type, WeightEncoder.Encode(huge, WeightType.F32)));
        using var file = SyntheticModelFile.Of(writer.Build());
        await using var engine = await InferenceEngine.LoadAsync(file.Path, new() { Threads = 1, Kernels = width }, null, Cancellation);
        for (var round = 0; round < 2; round++)
        {
            var exception = await Assert.ThrowsAsync<GenerationFailedException>(
                () => engine.CompleteAsync(new() { PromptTokens = [1, 2, 3], MaxTokens = 5 }, Cancellation));
            Assert.Equal(GenerationFailure.NotFinite, exception.Reason);
        }

        await Assert.ThrowsAsync<GenerationFailedException>(() => engine.EmbedAsync([1, 2, 3], cancellation: Cancellation));
        Assert.Equal(0, engine.Load.Waiting);
    }

    /// <summary>Squares that overflow make a norm of zero: nonsense, but a number, and the same everywhere.</summary>
    [Fact]
    public async Task Generate_huge_weights_end_ordinarily()
    {
        await using var engine = await Engines.LoadAsync(new() { Weights = WeightType.F32, Spread = 1e36f, Layers = 2 });
        var completion = await engine.CompleteAsync(new() { PromptTokens = [1, 2, 3], MaxTokens = 5, IgnoreEos = true }, Cancellation);
        Assert.Equal(5, completion.Tokens.Count);
    }

    [Fact]
    public async Task Generate_weights_of_zero_give_equal_logits_and_an_ordinary_end()
    {
        await using var engine = await Engines.LoadAsync(new() { Weights = WeightType.F16, Spread = 0, Layers = 1 });
        var request = new GenerationRequest { PromptTokens = [5], MaxTokens = 10, IgnoreEos = true, TopLogprobs = 1 };
        var greedy = await engine.CompleteAsync(request with { Sampling = new() { Temperature = 0 } }, Cancellation);
        Assert.All(greedy.Tokens, token => Assert.Equal(0, token));
        Assert.All(greedy.Outputs, output => Assert.Equal(-Math.Log(500), output.Logprob, 1e-4));
        var drawn = await engine.CompleteAsync(request, Cancellation);
        Assert.Equal(10, drawn.Tokens.Count);
        Assert.True(drawn.Tokens.Distinct().Count() > 5);
    }

    [Theory]
    [InlineData(1e-37f)]
    [InlineData(1e-42f)]
    public async Task Generate_weights_that_are_denormal_end_ordinarily_and_alike_at_every_width(float spread)
    {
        var roots = new HashSet<string>();
        foreach (var width in Kernels.KernelTests.Supported())
        {
            await using var engine = await Engines.LoadAsync(
                new() { Weights = WeightType.F32, Spread = spread, Layers = 2 }, new() { Threads = 1, Kernels = width });
            roots.Add((await engine.CompleteAsync(new() { PromptTokens = [1, 2, 3], MaxTokens = 4, IgnoreEos = true }, Cancellation)).Root);
        }

        Assert.Single(roots);
    }
}
