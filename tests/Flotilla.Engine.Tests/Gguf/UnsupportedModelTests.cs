using Flotilla.Engine.Models;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Gguf;

/// <summary>A well-formed file that asks for something else is refused by the name of that thing.</summary>
public sealed class UnsupportedModelTests
{
    [Fact]
    public void Load_unknown_architecture_names_it() =>
        Refused("architecture \"mamba\"", w => w.Remove("general.architecture").Add("general.architecture", "mamba"));

    [Fact]
    public void Load_shared_experts_names_them() => Refused("experts that all tokens share", w => w.Add("qwen3.expert_shared_count", 1u));

    [Fact]
    public void Load_unknown_rope_scaling_names_it() => Refused("rope scaling \"dynamic\"", w => w.Add("qwen3.rope.scaling.type", "dynamic"));

    [Fact]
    public void Load_heads_of_odd_length_names_them() =>
        Refused("heads of length 40", w => w.Remove("qwen3.attention.key_length").Remove("qwen3.attention.value_length").Add("qwen3.attention.key_length", 40u));

    [Fact]
    public void Load_other_quantisation_names_tensor_and_type() =>
        Refused("output_norm.weight of type F16", w => w.ReplaceTensor("output_norm.weight", (shape, _, data) => (shape, 1, data)));

    [Fact]
    public void Load_unknown_quantisation_names_tensor_and_type_and_what_there_is() => Refused(
        "blk.0.attn_q.weight of type NVFP4; this engine has F32, F16, BF16, Q8_0",
        w => w.ReplaceTensor("blk.0.attn_q.weight", (shape, _, _) => (shape, 40, new byte[shape[0] * shape[1] / 64 * 36])));

    [Fact]
    public void Load_bias_is_not_ignored() => Refused("blk.0.attn_q.bias", w => w.AddTensor("blk.0.attn_q.bias", [128], 0, new byte[512]));

    [Fact]
    public void Load_unknown_tokenizer_names_it() => Refused("rwkv", w => w.Remove("tokenizer.ggml.model").Add("tokenizer.ggml.model", "rwkv"));

    [Fact]
    public void Load_unknown_pretokenizer_names_it() =>
        Refused("klingon", w => w.Remove("tokenizer.ggml.pre").Add("tokenizer.ggml.pre", "klingon"));

    [Fact]
    public void Load_adapter_names_its_type() => Refused("adapter", w => w.Add("general.type", "adapter"));

    private static void Refused(string missing, Action<GgufWriter> change)
    {
        using var file = SyntheticModelFile.Of(MalformedGguf.With(change));
        var exception = Assert.Throws<ModelNotSupportedException>(() => LoadedModel.Load(file.Path, 0, null, TestContext.Current.CancellationToken));
        Assert.Contains(missing, exception.Message, StringComparison.Ordinal);
    }
}
