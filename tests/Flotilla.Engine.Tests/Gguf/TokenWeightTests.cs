using Flotilla.Engine.Models;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Gguf;

/// <summary>How many bytes of a file one token is computed with: what decoding one stream has to read.</summary>
public sealed class TokenWeightTests
{
    private static readonly SyntheticModelOptions s_model = new() { Weights = WeightType.F32 };

    [Fact]
    public void An_embedding_counts_where_it_is_the_output_too()
    {
        var (tied, untied) = (Load(s_model), Load(s_model with { Tied = false }));
        Assert.Equal(tied.TokenWeightBytes, untied.TokenWeightBytes);
        Assert.Equal(tied.ParameterCount * sizeof(float), tied.TokenWeightBytes);
        Assert.Equal(((untied.ParameterCount - (s_model.Vocabulary * s_model.Width)) * sizeof(float)), untied.TokenWeightBytes);
    }

    [Fact]
    public void Experts_count_that_a_token_is_given_to()
    {
        var model = s_model with { Architecture = "qwen3moe" };
        var (six, twelve) = (Load(model with { Experts = 6 }), Load(model with { Experts = 12 }));
        // Each layer has six rows more to choose by.
        Assert.Equal(six.TokenWeightBytes + (s_model.Layers * 6 * s_model.Width * sizeof(float)), twelve.TokenWeightBytes);
        Assert.True(twelve.FileBytes > 1.5 * six.FileBytes);
    }

    [Fact]
    public void An_encoder_looks_its_embeddings_up()
    {
        var model = s_model with { Architecture = "bert" };
        var info = Load(model);
        var lookedUp = (long)(model.Vocabulary + model.TokenTypes + model.Context) * model.Width;
        Assert.Equal((info.ParameterCount - lookedUp) * sizeof(float), info.TokenWeightBytes);
    }

    private static ModelInfo Load(SyntheticModelOptions model)
    {
        using var file = SyntheticModelFile.Create(model);
        return LoadedModel.Load(file.Path, 0, null, TestContext.Current.CancellationToken).Info;
    }
}
