using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Determinism;

/// <summary>
/// Trace roots as they were when the numerics contract was written. A change of one of them is a change of the contract:
/// it needs a new numerics id, or it is a mistake.
/// </summary>
public sealed class GoldenTests
{
    [Theory]
    [InlineData("qwen3", WeightType.Q8_0, true, "F73D1D9DD987859FEEB1E9987D5C163B6E5F7D14BBBC2569F6B6D057D03C8DAF")]
    [InlineData("qwen3", WeightType.F16, false, "4312DEAE5D28E7B531AF00FD3FBEB33712BB60C577BF24FCC27D007C8279F865")]
    [InlineData("qwen3", WeightType.F32, true, "3529534D2EDBDBF0274FC7A092D7222312BF19F912612CE1409B4A699009E3AA")]
    [InlineData("llama", WeightType.Q8_0, false, "DEDD45BBE4269FF7AEA32F0B09F7436B7F6AE0502048AC7AF177348CD7D3DCA6")]
    [InlineData("llama", WeightType.F16, true, "798ADB2D721E25E429C6B474374C851173C678C502A345026CF594F303AE40DC")]
    [InlineData("llama", WeightType.F32, false, "6BA36765D23FF648B15F524330286EF4FBAA22DBB86DDD5467851E8A7E16972E")]
    [InlineData("llama", WeightType.BF16, true, "?")]
    [InlineData("qwen3", WeightType.Q4_0, true, "?")]
    [InlineData("llama", WeightType.Q4_1, false, "?")]
    [InlineData("qwen3", WeightType.Q5_0, false, "?")]
    [InlineData("llama", WeightType.Q5_1, true, "?")]
    [InlineData("qwen3", WeightType.Q2_K, true, "?")]
    [InlineData("llama", WeightType.Q3_K, false, "?")]
    [InlineData("qwen3", WeightType.Q4_K, false, "?")]
    [InlineData("llama", WeightType.Q5_K, true, "?")]
    [InlineData("qwen3", WeightType.Q6_K, true, "?")]
    [InlineData("llama", WeightType.IQ4_NL, false, "?")]
    [InlineData("qwen3", WeightType.IQ4_XS, false, "?")]
    [InlineData("llama", WeightType.MXFP4, true, "?")]
    public async Task Trace_root_is_the_committed_one(string architecture, WeightType weights, bool tied, string root)
    {
        var model = SyntheticModelOptions.For(weights) with { Architecture = architecture, Tied = tied, Layers = 2 };
        await using var engine = await Engines.LoadAsync(model, new EngineOptions { Threads = 1 });
        var completion = await engine.CompleteAsync(
            new GenerationRequest
            {
                PromptTokens = Engines.Prompt(21), MaxTokens = 12, IgnoreEos = true,
                Sampling = new() { Temperature = 0.8f, TopP = 0.9f, MinP = 0.01f, Seed = 7 },
            },
            TestContext.Current.CancellationToken);
        Assert.True(root == completion.Root, $"The trace root is {completion.Root}, the committed one {root}.");
    }
}
