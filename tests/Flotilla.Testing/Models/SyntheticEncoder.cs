using System.Globalization;

namespace Flotilla.Testing.Models;

/// <summary>Parameters, vocabulary and tensors of models that read texts and write none, and of heads that judge pairs.</summary>
internal static class SyntheticEncoder
{
    public static void AddParameters(GgufWriter writer, SyntheticModelOptions options)
    {
        var a = options.Architecture + ".";
        writer.Add("general.architecture", options.Architecture).Add("general.name", "synthetic " + options.Architecture)
            .Add("general.quantization_version", 2u)
            .Add(a + "context_length", (uint)options.Context).Add(a + "embedding_length", (uint)options.Width)
            .Add(a + "block_count", (uint)options.Layers).Add(a + "feed_forward_length", (uint)options.FeedForward)
            .Add(a + "attention.head_count", (uint)options.Heads).Add(a + "attention.layer_norm_epsilon", 1e-5f)
            .Add(a + "attention.causal", false).Add(a + "pooling_type", 1u).Add("tokenizer.ggml.token_type_count", (uint)options.TokenTypes);
        if (options.Architecture == "nomic-bert")
            writer.Add(a + "rope.freq_base", 1000f);
    }

    /// <summary>BERT's special tokens, characters at the beginning of words and inside, and words of two letters.</summary>
    public static SyntheticTokenizer WordPieces(int size)
    {
        List<string> tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        for (var letter = '!'; letter <= '~'; letter++)
        {
            if (!char.IsAsciiLetterUpper(letter))
                tokens.AddRange([$"▁{letter}", $"{letter}"]);
        }

        foreach (var first in "etaoinshrdlcumwfgypbvk")
        {
            foreach (var second in "etaoinshrdlcumwfgypbvkjxqz")
                tokens.Add($"▁{first}{second}");
        }

        return new SyntheticTokenizer
        {
            Model = "bert",
            Tokens = tokens[..size],
            Types = [.. Enumerable.Repeat(3, 5), .. Enumerable.Repeat(1, size - 5)],
            Extra = new Dictionary<string, object>
            {
                ["bos_token_id"] = 2, ["seperator_token_id"] = 3, ["unknown_token_id"] = 1, ["padding_token_id"] = 0,
            },
        };
    }

    public static void AddTensors(SyntheticTensors tensors, SyntheticModelOptions options)
    {
        var isBert = options.Architecture == "bert";
        tensors.Matrix("token_embd.weight", options.Vocabulary, options.Width);
        tensors.Matrix("token_types.weight", options.TokenTypes, options.Width, type: WeightType.F32);
        if (isBert)
            tensors.Matrix("position_embd.weight", options.Context, options.Width, type: WeightType.F32);
        tensors.CentredNorm("token_embd_norm", options.Width);
        for (var layer = 0; layer < options.Layers; layer++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"blk.{layer}.");
            if (isBert)
                AddInputs(tensors, prefix, options.Width);
            else
                tensors.Matrix(prefix + "attn_qkv.weight", 3 * options.Width, options.Width);
            tensors.Matrix(prefix + "attn_output.weight", options.Width, options.Width);
            tensors.CentredNorm(prefix + "attn_output_norm", options.Width);
            if (!isBert)
                tensors.Matrix(prefix + "ffn_gate.weight", options.FeedForward, options.Width);
            tensors.Matrix(prefix + "ffn_up.weight", options.FeedForward, options.Width);
            tensors.Matrix(prefix + "ffn_down.weight", options.Width, options.FeedForward);
            tensors.CentredNorm(prefix + "layer_output_norm", options.Width);
            if (!isBert)
                continue;
            tensors.Bias(prefix + "attn_output.bias", options.Width);
            tensors.Bias(prefix + "ffn_up.bias", options.FeedForward);
            tensors.Bias(prefix + "ffn_down.bias", options.Width);
        }
    }

    /// <summary>The head that judges pairs: of an encoder two products with biases, of a decoder one.</summary>
    public static void AddRankHead(SyntheticTensors tensors, SyntheticModelOptions options)
    {
        var labels = options.Extra.TryGetValue("classifier.output_labels", out var names) ? ((string[])names).Length : 1;
        if (options.IsEncoder)
        {
            tensors.Matrix("cls.weight", options.Width, options.Width);
            tensors.Bias("cls.bias", options.Width);
            tensors.Bias("cls.output.bias", labels);
        }

        tensors.Matrix("cls.output.weight", labels, options.Width);
    }

    private static void AddInputs(SyntheticTensors tensors, string prefix, int width)
    {
        foreach (var input in (string[])["attn_q", "attn_k", "attn_v"])
        {
            tensors.Matrix($"{prefix}{input}.weight", width, width);
            tensors.Bias($"{prefix}{input}.bias", width);
        }
    }
}
