using System.Globalization;

namespace Flotilla.Engine.Models;

/// <summary>The shape that a tensor must have.</summary>
/// <param name="Rows">Outputs; 1 for a vector.</param>
/// <param name="Columns">Inputs, or a vector's length.</param>
/// <param name="IsVector">Kept as floats, not packed.</param>
/// <param name="IsOptional">The model works without it.</param>
/// <param name="PairedRows">Of each head, so many leading rows are stored as adjacent pairs; 0 for none.</param>
/// <param name="Parts">The matrices that lie in it one below the other, with their rows; null where it is one.</param>
internal readonly record struct TensorShape(
    int Rows, int Columns, bool IsVector = false, bool IsOptional = false, int PairedRows = 0, IReadOnlyList<(string Name, int Rows)>? Parts = null)
{
    /// <summary>Every tensor that a model of this shape may have, by name.</summary>
    public static Dictionary<string, TensorShape> Of(ModelConfig config)
    {
        var shapes = new Dictionary<string, TensorShape>(StringComparer.Ordinal)
        {
            ["token_embd.weight"] = new(config.Vocabulary, config.Width),
        };
        if (config.Architecture.IsEncoder)
            AddEncoder(shapes, config);
        else
            AddDecoder(shapes, config);
        if (config.Pooling == Pooling.Rank)
            AddRank(shapes, config);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"blk.{layer}.");
            AddLayer(shapes, prefix, config);
        }

        return shapes;
    }

    private static void AddDecoder(Dictionary<string, TensorShape> shapes, ModelConfig config)
    {
        shapes["output_norm.weight"] = Vector(config.Width);
        shapes["output.weight"] = new(config.Vocabulary, config.Width, IsOptional: true);
        shapes["rope_freqs.weight"] = new(1, config.RotaryLength / 2, IsVector: true, IsOptional: true);
        if (config.Architecture.HasJoinedGate)
        {
            shapes["rope_factors_short.weight"] = new(1, config.RotaryLength / 2, IsVector: true, IsOptional: true);
            shapes["rope_factors_long.weight"] = new(1, config.RotaryLength / 2, IsVector: true, IsOptional: true);
        }
    }

    private static void AddEncoder(Dictionary<string, TensorShape> shapes, ModelConfig config)
    {
        AddCentredNorm(shapes, "token_embd_norm", config);
        if (config.TokenTypes > 0)
            shapes["token_types.weight"] = new(config.TokenTypes, config.Width, IsOptional: true);
        if (config.Architecture.HasPositions)
            shapes["position_embd.weight"] = new(config.ContextTokensMax, config.Width);
    }

    private static void AddRank(Dictionary<string, TensorShape> shapes, ModelConfig config)
    {
        shapes["cls.weight"] = new(config.Width, config.Width, IsOptional: true);
        shapes["cls.bias"] = new(1, config.Width, IsVector: true, IsOptional: true);
        shapes["cls.output.weight"] = new(config.Labels, config.Width, IsOptional: true);
        shapes["cls.output.bias"] = new(1, config.Labels, IsVector: true, IsOptional: true);
    }

    private static void AddCentredNorm(Dictionary<string, TensorShape> shapes, string name, ModelConfig config)
    {
        shapes[name + ".weight"] = Vector(config.Width);
        shapes[name + ".bias"] = Vector(config.Width);
    }

    private static void AddLayer(Dictionary<string, TensorShape> shapes, string prefix, ModelConfig config)
    {
        var architecture = config.Architecture;
        var paired = architecture.HasAdjacentPairs ? config.RotaryLength : 0;
        shapes[prefix + "attn_output.weight"] = new(config.Width, config.QueryLength);
        if (architecture.IsEncoder)
        {
            AddCentredNorm(shapes, prefix + "attn_output_norm", config);
            AddCentredNorm(shapes, prefix + "layer_output_norm", config);
        }
        else
        {
            shapes[prefix + "attn_norm.weight"] = Vector(config.Width);
            shapes[prefix + "ffn_norm.weight"] = Vector(config.Width);
        }

        AddFeedForward(shapes, prefix, config);
        if (architecture.HasJoinedInputs)
        {
            shapes[prefix + "attn_qkv.weight"] = new(
                config.QueryLength + (2 * config.KvLength), config.Width,
                Parts: [(prefix + "attn_q.weight", config.QueryLength), (prefix + "attn_k.weight", config.KvLength), (prefix + "attn_v.weight", config.KvLength)]);
        }
        else
        {
            shapes[prefix + "attn_q.weight"] = new(config.QueryLength, config.Width, PairedRows: paired);
            shapes[prefix + "attn_k.weight"] = new(config.KvLength, config.Width, PairedRows: paired);
            shapes[prefix + "attn_v.weight"] = new(config.KvLength, config.Width);
        }

        if (architecture.HasInputBiases)
        {
            shapes[prefix + "attn_q.bias"] = Vector(config.QueryLength);
            shapes[prefix + "attn_k.bias"] = Vector(config.KvLength);
            shapes[prefix + "attn_v.bias"] = Vector(config.KvLength);
        }

        if (architecture.HasOutputBiases)
        {
            shapes[prefix + "attn_output.bias"] = Vector(config.Width);
            shapes[prefix + "ffn_up.bias"] = Vector(config.InnerLength);
            shapes[prefix + "ffn_down.bias"] = Vector(config.Width);
        }

        if (architecture.HasHeadNorms)
        {
            shapes[prefix + "attn_q_norm.weight"] = Vector(config.HeadLength);
            shapes[prefix + "attn_k_norm.weight"] = Vector(config.HeadLength);
        }

        if (architecture.HasPostNorms)
        {
            shapes[prefix + "post_attention_norm.weight"] = Vector(config.Width);
            shapes[prefix + "post_ffw_norm.weight"] = Vector(config.Width);
        }
    }

    private static void AddFeedForward(Dictionary<string, TensorShape> shapes, string prefix, ModelConfig config)
    {
        var (inner, width) = (config.InnerLength, config.Width);
        if (config.Experts > 0)
        {
            shapes[prefix + "ffn_gate_inp.weight"] = new(config.Experts, width);
            AddExperts("ffn_gate", inner, width);
            AddExperts("ffn_up", inner, width);
            AddExperts("ffn_down", width, inner);
            return;
        }

        shapes[prefix + "ffn_down.weight"] = new(width, inner);
        if (config.Architecture.HasJoinedGate)
        {
            shapes[prefix + "ffn_up.weight"] = new(2 * inner, width, Parts: [(prefix + "ffn_gate.weight", inner), (prefix + "ffn_up.weight", inner)]);
            return;
        }

        if (!config.Architecture.IsUngated)
            shapes[prefix + "ffn_gate.weight"] = new(inner, width);
        shapes[prefix + "ffn_up.weight"] = new(inner, width);

        void AddExperts(string name, int rows, int columns) => shapes[prefix + name + ExpertsEnd] = new(
            checked(config.Experts * rows), columns, Parts: [.. Enumerable.Range(0, config.Experts).Select(expert => (prefix + name + OfExpert(expert), rows))]);
    }

    /// <summary>How the name of a tensor ends in which the matrices of all experts lie.</summary>
    public const string ExpertsEnd = "_exps.weight";

    /// <summary>How the name of an expert's matrix ends, once it is taken out of the tensor of all.</summary>
    public static string OfExpert(int expert) => string.Create(CultureInfo.InvariantCulture, $".{expert}.weight");

    private static TensorShape Vector(int length) => new(1, length, IsVector: true);
}
