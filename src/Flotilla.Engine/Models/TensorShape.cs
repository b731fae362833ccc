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
            ["output_norm.weight"] = Vector(config.Width),
            ["output.weight"] = new(config.Vocabulary, config.Width, IsOptional: true),
            ["rope_freqs.weight"] = new(1, config.RotaryLength / 2, IsVector: true, IsOptional: true),
        };
        if (config.Architecture.HasJoinedMatrices)
        {
            shapes["rope_factors_short.weight"] = new(1, config.RotaryLength / 2, IsVector: true, IsOptional: true);
            shapes["rope_factors_long.weight"] = new(1, config.RotaryLength / 2, IsVector: true, IsOptional: true);
        }

        for (var layer = 0; layer < config.Layers; layer++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"blk.{layer}.");
            AddLayer(shapes, prefix, config);
        }

        return shapes;
    }

    private static void AddLayer(Dictionary<string, TensorShape> shapes, string prefix, ModelConfig config)
    {
        var architecture = config.Architecture;
        var paired = architecture.HasAdjacentPairs ? config.RotaryLength : 0;
        shapes[prefix + "attn_norm.weight"] = Vector(config.Width);
        shapes[prefix + "attn_output.weight"] = new(config.Width, config.QueryLength);
        shapes[prefix + "ffn_norm.weight"] = Vector(config.Width);
        shapes[prefix + "ffn_down.weight"] = new(config.Width, config.FeedForward);
        if (architecture.HasJoinedMatrices)
        {
            shapes[prefix + "attn_qkv.weight"] = new(
                config.QueryLength + (2 * config.KvLength), config.Width,
                Parts: [(prefix + "attn_q.weight", config.QueryLength), (prefix + "attn_k.weight", config.KvLength), (prefix + "attn_v.weight", config.KvLength)]);
            shapes[prefix + "ffn_up.weight"] = new(
                2 * config.FeedForward, config.Width, Parts: [(prefix + "ffn_gate.weight", config.FeedForward), (prefix + "ffn_up.weight", config.FeedForward)]);
        }
        else
        {
            shapes[prefix + "attn_q.weight"] = new(config.QueryLength, config.Width, PairedRows: paired);
            shapes[prefix + "attn_k.weight"] = new(config.KvLength, config.Width, PairedRows: paired);
            shapes[prefix + "attn_v.weight"] = new(config.KvLength, config.Width);
            shapes[prefix + "ffn_gate.weight"] = new(config.FeedForward, config.Width);
            shapes[prefix + "ffn_up.weight"] = new(config.FeedForward, config.Width);
        }

        if (architecture.HasInputBiases)
        {
            shapes[prefix + "attn_q.bias"] = Vector(config.QueryLength);
            shapes[prefix + "attn_k.bias"] = Vector(config.KvLength);
            shapes[prefix + "attn_v.bias"] = Vector(config.KvLength);
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

    private static TensorShape Vector(int length) => new(1, length, IsVector: true);
}
