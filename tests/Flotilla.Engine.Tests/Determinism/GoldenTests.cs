using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Determinism;

/// <summary>
/// Trace roots as they were when the numerics contract was written. A change of one of them is a change of the contract:
/// it needs a new numerics id, or it is a mistake.
/// </summary>
public sealed class GoldenTests
{
    /// <summary>SHA-256 of an embedding's floats, or of a judgement's score. A change of one of them needs a new version of the runtime, or is a mistake.</summary>
    [Theory]
    [InlineData("bert", WeightType.Q8_0, 1, "6B0D0ED3B1B85BCF9711A6D082E4539A4FB6AC1CA3672DF50E1C2D48AD40CEF6")]
    [InlineData("bert", WeightType.F16, 2, "190F60B0E49DA396F0DA008EB71D2C72FCE477F664AE6045678503501105D1C2")]
    [InlineData("bert", WeightType.Q4_K, 4, "6F4F1EF832F738F13922CBB7C1BFF6903AB0FD82E4143CDAC1BFA7455AFE28A6")]
    [InlineData("nomic-bert", WeightType.F32, 1, "F5FA990689C9623A647722E426C18BEBA7F7BECFC89018AE7048A8B256EFB59B")]
    [InlineData("nomic-bert", WeightType.Q5_0, 3, "ECF3F02A85851B11D187ECF686FB01EFA111E9042BA3E06FEEB236F886D21CB7")]
    [InlineData("qwen3", WeightType.Q8_0, 3, "A831CFE56E9C72A6AE5B35E4DA6A15A7F603F4E001132C643BFFDE960F8D536A")]
    [InlineData("qwen3", WeightType.F16, 4, "3871F3E024073AD33D1CD4A6981247A11445CEB2810C06674C9317C7B67334B8")]
    [InlineData("qwen3", WeightType.Q8_0, 1, "84C4DA01EFDAC13C0687E26086E8C36C39D916725928E825E371781DC1F13EE5")]
    [InlineData("llama", WeightType.Q4_0, 2, "34DBB389879A7B14C0B7B0E266E09A3FBDF8C1B6C0C1B6C55680DFB881E36B93")]
    public async Task A_reading_is_the_committed_one(string architecture, WeightType weights, int pooling, string digest)
    {
        var shape = architecture.Contains("bert", StringComparison.Ordinal) ? SyntheticModelOptions.Encoder(weights, architecture) : SyntheticModelOptions.For(weights) with { Architecture = architecture };
        var model = shape with { Layers = 2, Extra = new Dictionary<string, object> { ["pooling_type"] = pooling } };
        await using var engine = await Engines.LoadAsync(model, new EngineOptions { Threads = 1 });
        var cancellation = TestContext.Current.CancellationToken;
        float[] values = pooling == 4
            ? [(await engine.RankAsync("what is it", "it is a text, and this one is long enough for two blocks", cancellation)).Score]
            : (await engine.EmbedAsync(Engines.Prompt(37), cancellation: cancellation)).Vector;
        var actual = Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<float>(values)));
        Assert.True(digest == actual, $"The digest is {actual}, the committed one {digest}.");
    }

    [Theory]
    [InlineData("qwen3", WeightType.Q8_0, true, "F73D1D9DD987859FEEB1E9987D5C163B6E5F7D14BBBC2569F6B6D057D03C8DAF")]
    [InlineData("qwen3", WeightType.F16, false, "4312DEAE5D28E7B531AF00FD3FBEB33712BB60C577BF24FCC27D007C8279F865")]
    [InlineData("qwen3", WeightType.F32, true, "3529534D2EDBDBF0274FC7A092D7222312BF19F912612CE1409B4A699009E3AA")]
    [InlineData("llama", WeightType.Q8_0, false, "DEDD45BBE4269FF7AEA32F0B09F7436B7F6AE0502048AC7AF177348CD7D3DCA6")]
    [InlineData("llama", WeightType.F16, true, "798ADB2D721E25E429C6B474374C851173C678C502A345026CF594F303AE40DC")]
    [InlineData("llama", WeightType.F32, false, "6BA36765D23FF648B15F524330286EF4FBAA22DBB86DDD5467851E8A7E16972E")]
    [InlineData("llama", WeightType.BF16, true, "C1F7C81B68F8FADEBE807851BE27974EFB828BF18DF5B5EC4D091C91E211578B")]
    [InlineData("qwen3", WeightType.Q4_0, true, "8ED56D67BF909797AF089B493077D05527BD91E8CCDDB1FCA3FF6BF00DFA86A2")]
    [InlineData("llama", WeightType.Q4_1, false, "80538353BF4509AC630EF6126553F83986308D89F4DEB8FD4607CAC2A94A55C7")]
    [InlineData("qwen3", WeightType.Q5_0, false, "1239658F0D9A199753B79B581A3809941579C84DB8348F29BDC571C4B7071F1A")]
    [InlineData("llama", WeightType.Q5_1, true, "6686134E50635EED35F3F1B6ED674C24936B966BD88D8563BF8697ADF4443F55")]
    [InlineData("qwen3", WeightType.Q2_K, true, "C2F9F8A2CDB7BC4C36B0523DB4160A786AD1E560CD3B4E8C60FFBCA30047AFBF")]
    [InlineData("llama", WeightType.Q3_K, false, "8795CD8AEB2841AEE4638528E6AB53663736F03F004AB36AA5B212487B2E1CB9")]
    [InlineData("qwen3", WeightType.Q4_K, false, "A294BC52F98824FCCD92DF25ED36A6F795E95FB615E7C53FC28B42286F1E8940")]
    [InlineData("llama", WeightType.Q5_K, true, "BCCD49A62EE546390735D094FD882FA5FCFC72325C0D82CD87774250CBAD6374")]
    [InlineData("qwen3", WeightType.Q6_K, true, "94E24C527F23206E4E33A5B7A89B15F755B7837249EFA597F4EA5CA678352538")]
    [InlineData("llama", WeightType.IQ4_NL, false, "7D7736A2C7D960DA11E94E753F2EFB39CA218E8C2BC8C1237E3D3244477EDD7A")]
    [InlineData("qwen3", WeightType.IQ4_XS, false, "DB960CD01D202691DAF3A7FEAB53661B4B6EDCBCDDA8DFDEA42F3FC8A8DAD977")]
    [InlineData("llama", WeightType.MXFP4, true, "7E28950150AEFA088D57A82A1EC6D80577B42E2FC35403F4D9B93E1F4EB93BBA")]
    [InlineData("qwen2", WeightType.Q8_0, true, "F8DBAE1EFBB1A725301A06EB07B801ABDD370428F1074E35B7EEF23B6781B3EA")]
    [InlineData("qwen3moe", WeightType.Q8_0, false, "B44243661FCDC7876FFC1903D102CA8EA6E81BBFFEDEA7EF6B7E46DD165344EA")]
    [InlineData("gemma2", WeightType.Q4_K, true, "E8003C4D780672E6C17E40C144199AC1E08A0A2C5D9E6BF61E31B3550D503D1B")]
    [InlineData("gemma3", WeightType.Q8_0, true, "C691F7A7E4F91B3CCE216D7531E172FB685C5115908579F6758DC4E66EE87BDA")]
    [InlineData("phi3", WeightType.Q4_0, false, "FA34255140AF08ED229CE6F85D7106DE87687E59740DBBBFD9D7D5F9EC538659")]
    [InlineData("granite", WeightType.Q6_K, true, "CB9444DAF9C989A0DEADAEA960A0EDAE05CB6A1BFCBE9F3965585DF7873611FC")]
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
