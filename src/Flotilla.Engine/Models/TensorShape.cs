using System.Globalization;

namespace Flotilla.Engine.Models;

/// <summary>The shape that a tensor must have.</summary>
/// <param name="Rows">Outputs; 1 for a vector.</param>
/// <param name="Columns">Inputs, or a vector's length.</param>
/// <param name="IsVector">Kept as floats, not packed.</param>
/// <param name="IsOptional">The model works without it.</param>
/// <param name="PairedRows">Of each head, so many leading rows are stored as adjacent pairs; 0 for none.</param>
internal readonly record struct TensorShape(int Rows, int Columns, bool IsVector = false, bool IsOptional = false, int PairedRows = 0)
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
        var paired = config.HasAdjacentPairs ? config.RotaryLength : 0;
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"blk.{layer}.");
            shapes[prefix + "attn_norm.weight"] = Vector(config.Width);
            shapes[prefix + "attn_q.weight"] = new(config.QueryLength, config.Width, PairedRows: paired);
            shapes[prefix + "attn_k.weight"] = new(config.KvLength, config.Width, PairedRows: paired);
            shapes[prefix + "attn_v.weight"] = new(config.KvLength, config.Width);
            shapes[prefix + "attn_output.weight"] = new(config.Width, config.QueryLength);
            shapes[prefix + "ffn_norm.weight"] = Vector(config.Width);
            shapes[prefix + "ffn_gate.weight"] = new(config.FeedForward, config.Width);
            shapes[prefix + "ffn_up.weight"] = new(config.FeedForward, config.Width);
            shapes[prefix + "ffn_down.weight"] = new(config.Width, config.FeedForward);
            if (config.HasHeadNorms)
            {
                shapes[prefix + "attn_q_norm.weight"] = Vector(config.HeadLength);
                shapes[prefix + "attn_k_norm.weight"] = Vector(config.HeadLength);
            }
        }

        return shapes;
    }

    private static TensorShape Vector(int length) => new(1, length, IsVector: true);
}
