using System.Globalization;

namespace Flotilla.Testing.Models;

/// <summary>
/// Small models of random weights with a real byte-level vocabulary. The weights come from integers by exact arithmetic, so
/// a seed gives the same file on every machine.
/// </summary>
public static class SyntheticModel
{
    /// <summary>ChatML with tools, in the form of Qwen and Hermes.</summary>
    public const string ChatMl =
        """
        {%- if tools %}
        {{- '<|im_start|>system\n' }}
        {%- if messages[0].role == 'system' %}{{- messages[0].content + '\n\n' }}{%- endif %}
        {{- '# Tools\n<tools>' }}
        {%- for tool in tools %}{{- '\n' }}{{- tool | tojson }}{%- endfor %}
        {{- '\n</tools><|im_end|>\n' }}
        {%- elif messages[0].role == 'system' %}
        {{- '<|im_start|>system\n' + messages[0].content + '<|im_end|>\n' }}
        {%- endif %}
        {%- for message in messages %}
        {%- if message.role != 'system' %}
        {{- '<|im_start|>' + message.role + '\n' + (message.content or '') + '<|im_end|>\n' }}
        {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}
        """;

    private static readonly string[] s_controls = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    /// <summary>The id of the token that ends a turn.</summary>
    public static int EndOfTurn(SyntheticModelOptions options) => options.Vocabulary - 1;

    /// <summary>The bytes of a model file.</summary>
    public static byte[] Build(SyntheticModelOptions options) => Writer(options).Build();

    /// <summary>The model before it is written, for tests that spoil it first.</summary>
    public static GgufWriter Writer(SyntheticModelOptions options)
    {
        var writer = new GgufWriter();
        if (options.IsEncoder)
            SyntheticEncoder.AddParameters(writer, options);
        else
            AddParameters(writer, options);
        foreach (var (key, value) in options.Extra)
            writer.Remove($"{options.Architecture}.{key}").Add($"{options.Architecture}.{key}", value);
        AddTokenizer(writer, options);
        var tensors = new SyntheticTensors(writer, options);
        if (options.IsEncoder)
            SyntheticEncoder.AddTensors(tensors, options);
        else
            AddTensors(tensors, options);
        if (options.HasRankHead)
            SyntheticEncoder.AddRankHead(tensors, options);
        return writer;
    }

    private static void AddParameters(GgufWriter writer, SyntheticModelOptions options)
    {
        var a = options.Architecture + ".";
        // llama.cpp takes files with this architecture in their names for those of one maker, with tokens of its own.
        writer.Add("general.architecture", options.Architecture).Add("general.name", options.Architecture == "phi3" ? "synthetic" : "synthetic " + options.Architecture)
            .Add("general.quantization_version", 2u)
            .Add(a + "context_length", (uint)options.Context).Add(a + "embedding_length", (uint)options.Width)
            .Add(a + "block_count", (uint)options.Layers).Add(a + "feed_forward_length", (uint)options.FeedForward)
            .Add(a + "attention.head_count", (uint)options.Heads).Add(a + "attention.head_count_kv", (uint)options.KvHeads)
            .Add(a + "attention.key_length", (uint)options.HeadLength).Add(a + "attention.value_length", (uint)options.HeadLength)
            .Add(a + "attention.layer_norm_rms_epsilon", 1e-6f).Add(a + "rope.freq_base", 10_000f)
            .Add(a + "rope.dimension_count", (uint)options.HeadLength).Add(a + "vocab_size", (uint)options.Vocabulary);
        if (options.Architecture is "gemma2" or "gemma3")
            writer.Add(a + "attention.sliding_window", (uint)options.Window);
        if (options.Architecture == "gemma2")
            writer.Add(a + "attn_logit_softcapping", 5f).Add(a + "final_logit_softcapping", 3f);
        if (options.ExpertCount > 0)
            writer.Add(a + "expert_count", (uint)options.ExpertCount).Add(a + "expert_used_count", 2u).Add(a + "expert_feed_forward_length", (uint)options.FeedForward);
        if (options.Architecture == "granite")
            writer.Add(a + "embedding_scale", 3f).Add(a + "residual_scale", 0.5f).Add(a + "attention.scale", 0.125f).Add(a + "logit_scale", 2f);
    }

    private static void AddTokenizer(GgufWriter writer, SyntheticModelOptions options)
    {
        (options.Tokenizer ?? (options.IsEncoder ? SyntheticEncoder.WordPieces(options.Vocabulary) : ByteLevel(options))).AddTo(writer);
        if (options.ChatTemplate is { } template)
            writer.Add("tokenizer.chat_template", template);
    }

    private static SyntheticTokenizer ByteLevel(SyntheticModelOptions options)
    {
        var (tokens, merges) = Vocabulary(options.Vocabulary);
        return new SyntheticTokenizer
        {
            Model = "gpt2",
            Pre = "qwen2",
            Tokens = tokens,
            Types = [.. tokens.Select((_, id) => id < tokens.Count - s_controls.Length ? 1 : 3)],
            Merges = merges,
            Extra = new Dictionary<string, object> { ["eos_token_id"] = EndOfTurn(options), ["padding_token_id"] = tokens.Count - 3, ["add_bos_token"] = false },
        };
    }

    /// <summary>256 bytes as GPT-2 writes them, merges of two and three letters, and the three control tokens.</summary>
    private static (List<string> Tokens, List<string> Merges) Vocabulary(int size)
    {
        var tokens = new List<string>(size);
        var extra = 256;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255);
            tokens.Add(((char)(printable ? value : extra++)).ToString());
        }

        var merges = new List<string>();
        foreach (var first in "\u0120etaoinshrdlcumwfgypbvk")
        {
            foreach (var second in "etaoinshrdlcumwfgypbvkjxqz0123456789ETAOINSHRDLC")
            {
                if (tokens.Count == size - s_controls.Length)
                    break;
                merges.Add($"{first} {second}");
                tokens.Add($"{first}{second}");
            }
        }

        tokens.AddRange(s_controls);
        if (tokens.Count != size)
            throw new ArgumentOutOfRangeException(nameof(size), size, $"The vocabulary has {tokens.Count} tokens.");
        return (tokens, merges);
    }

    private static void AddTensors(SyntheticTensors tensors, SyntheticModelOptions options)
    {
        tensors.Matrix("token_embd.weight", options.Vocabulary, options.Width);
        for (var layer = 0; layer < options.Layers; layer++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"blk.{layer}.");
            tensors.Norm(prefix + "attn_norm.weight", options.Width);
            AddAttention(tensors, options, prefix);
            tensors.Norm(prefix + "ffn_norm.weight", options.Width);
            AddFeedForward(tensors, options, prefix);
            AddVectors(tensors, options, prefix);
        }

        tensors.Norm("output_norm.weight", options.Width);
        if (options.HasRotationFactors)
        {
            foreach (var name in options.Architecture == "phi3" ? (string[])["rope_factors_short.weight", "rope_factors_long.weight"] : ["rope_freqs.weight"])
                tensors.Factors(name, options.HeadLength / 2);
        }

        if (!options.Tied)
            tensors.Matrix("output.weight", options.Vocabulary, options.Width);
    }

    private static void AddAttention(SyntheticTensors tensors, SyntheticModelOptions options, string prefix)
    {
        if (options.Architecture == "phi3")
        {
            tensors.Matrix(prefix + "attn_qkv.weight", options.QueryLength + (2 * options.KvLength), options.Width);
        }
        else
        {
            tensors.Matrix(prefix + "attn_q.weight", options.QueryLength, options.Width);
            tensors.Matrix(prefix + "attn_k.weight", options.KvLength, options.Width);
            tensors.Matrix(prefix + "attn_v.weight", options.KvLength, options.Width);
        }

        tensors.Matrix(prefix + "attn_output.weight", options.Width, options.QueryLength);
    }

    private static void AddFeedForward(SyntheticTensors tensors, SyntheticModelOptions options, string prefix)
    {
        if (options.ExpertCount > 0)
        {
            tensors.Matrix(prefix + "ffn_gate_inp.weight", options.ExpertCount, options.Width, type: WeightType.F32);
            tensors.Matrix(prefix + "ffn_gate_exps.weight", options.FeedForward, options.Width, options.ExpertCount);
            tensors.Matrix(prefix + "ffn_up_exps.weight", options.FeedForward, options.Width, options.ExpertCount);
            tensors.Matrix(prefix + "ffn_down_exps.weight", options.Width, options.FeedForward, options.ExpertCount);
            return;
        }

        var isJoined = options.Architecture == "phi3";
        if (!isJoined)
            tensors.Matrix(prefix + "ffn_gate.weight", options.FeedForward, options.Width);
        tensors.Matrix(prefix + "ffn_up.weight", isJoined ? 2 * options.FeedForward : options.FeedForward, options.Width);
        tensors.Matrix(prefix + "ffn_down.weight", options.Width, options.FeedForward);
    }

    private static void AddVectors(SyntheticTensors tensors, SyntheticModelOptions options, string prefix)
    {
        if (options.Architecture == "qwen2")
        {
            tensors.Norm(prefix + "attn_q.bias", options.QueryLength);
            tensors.Norm(prefix + "attn_k.bias", options.KvLength);
            tensors.Norm(prefix + "attn_v.bias", options.KvLength);
        }

        if (options.Architecture is "gemma2" or "gemma3")
        {
            tensors.Norm(prefix + "post_attention_norm.weight", options.Width);
            tensors.Norm(prefix + "post_ffw_norm.weight", options.Width);
        }

        if (options.Architecture is "qwen3" or "qwen3moe" or "gemma3")
        {
            tensors.Norm(prefix + "attn_q_norm.weight", options.HeadLength);
            tensors.Norm(prefix + "attn_k_norm.weight", options.HeadLength);
        }
    }
}
