using System.Text;
using Flotilla.Engine.Gguf;
using Flotilla.Testing.Models;

namespace Flotilla.Engine.Tests.Gguf;

/// <summary>Ways to spoil a good file: a name, what to do, and what the reader must say.</summary>
internal static class MalformedGguf
{
    private const ulong Huge = 1UL << 62;

    public static readonly IReadOnlyDictionary<string, (GgufError Error, Func<byte[]> Build)> Cases = new Dictionary<string, (GgufError, Func<byte[]>)>
    {
        ["empty file"] = (GgufError.Truncated, () => []),
        ["three bytes"] = (GgufError.Truncated, () => "GGU"u8.ToArray()),
        ["bad magic"] = (GgufError.BadMagic, () => With(w => w.Magic = "GGML"u8.ToArray())),
        ["version 0"] = (GgufError.BadVersion, () => With(w => w.Version = 0)),
        ["version 1"] = (GgufError.BadVersion, () => With(w => w.Version = 1)),
        ["future version"] = (GgufError.BadVersion, () => With(w => w.Version = 4)),
        ["byte-swapped version"] = (GgufError.BadVersion, () => With(w => w.Version = 0x0300_0000)),
        ["tensor count 2^63"] = (GgufError.TooLarge, () => With(w => w.TensorCount = 1UL << 63)),
        ["tensor count beyond the file"] = (GgufError.TooLarge, () => With(w => w.TensorCount = 60_000)),
        ["one tensor more than there is"] = (GgufError.BadTensorName, () => With(w => w.TensorCount = 48)),
        ["metadata count 2^64 - 1"] = (GgufError.TooLarge, () => With(w => w.EntryCount = ulong.MaxValue)),
        ["metadata count beyond the file"] = (GgufError.TooLarge, () => Bare(w => w.EntryCount = 4000)),
        ["header only, entries missing"] = (GgufError.TooLarge, () => Bare(w => w.EntryCount = 1)),
        ["empty key"] = (GgufError.BadKey, () => With(w => w.Add("", 1u))),
        ["oversize key"] = (GgufError.BadKey, () => With(w => w.Add(new string('k', 65_536), 1u))),
        ["key length 2^64 - 1"] = (GgufError.BadKey, () => Bare(w => w.AddRaw(GgufWriter.UInt64(ulong.MaxValue), 4, GgufWriter.UInt32(0)))),
        ["key that is not UTF-8"] = (GgufError.BadKey, () => With(w => w.AddRaw(GgufWriter.Text([0xC3, 0x28]), 4, GgufWriter.UInt32(0)))),
        ["duplicate key"] = (GgufError.DuplicateKey, () => With(w => w.Add("general.name", "twice"))),
        ["value type 13"] = (GgufError.BadValueType, () => With(w => w.AddRaw("x", 13, new byte[16]))),
        ["value type 2^32 - 1"] = (GgufError.BadValueType, () => With(w => w.AddRaw("x", uint.MaxValue, new byte[16]))),
        ["Boolean 2"] = (GgufError.BadValueType, () => With(w => w.AddRaw("x", 7, [2]))),
        ["array of arrays"] = (GgufError.BadValueType, () => With(w => w.AddRaw("x", 9, [.. GgufWriter.UInt32(9), .. GgufWriter.UInt64(1)]))),
        ["array of unknown type"] = (GgufError.BadValueType, () => With(w => w.AddRaw("x", 9, [.. GgufWriter.UInt32(99), .. GgufWriter.UInt64(1)]))),
        ["array length 2^62"] = (GgufError.TooLarge, () => Array(4, Huge)),
        ["array length 2^63"] = (GgufError.TooLarge, () => Array(8, 1UL << 63)),
        ["array length 2^64 - 1"] = (GgufError.TooLarge, () => Array(10, ulong.MaxValue)),
        ["array beyond the file"] = (GgufError.TooLarge, () => Array(10, 4_000_000)),
        ["string array beyond the file"] = (GgufError.TooLarge, () => Array(8, 4_000_000)),
        ["string past the end"] = (GgufError.Truncated, () => Bare(w => w.AddRaw("x", 8, GgufWriter.UInt64(10_000)))),
        ["string length 2^63"] = (GgufError.TooLarge, () => With(w => w.AddRaw("x", 8, GgufWriter.UInt64(1UL << 63)))),
        ["string that is not UTF-8"] = (GgufError.BadText, () => With(w => w.AddRaw("x", 8, GgufWriter.Text([0xFF])))),
        ["element of a string array past the end"] = (GgufError.TooLarge, () =>
            Bare(w => w.AddRaw("x", 9, [.. GgufWriter.UInt32(8), .. GgufWriter.UInt64(1), .. GgufWriter.UInt64(Huge)]))),
        ["alignment 0"] = (GgufError.BadAlignment, () => With(w => w.Add("general.alignment", 0u))),
        ["alignment 13"] = (GgufError.BadAlignment, () => With(w => w.Add("general.alignment", 13u))),
        ["alignment 2^31"] = (GgufError.BadAlignment, () => With(w => w.Add("general.alignment", 1u << 31))),
        ["alignment of wrong type"] = (GgufError.WrongValueType, () => With(w => w.Add("general.alignment", "32"))),
        ["alignment -32"] = (GgufError.WrongValueType, () => With(w => w.Add("general.alignment", -32))),
        ["empty tensor name"] = (GgufError.BadTensorName, () => With(w => w.AddTensor("", [32], 0, new byte[128]))),
        ["tensor name of 64 characters"] = (GgufError.BadTensorName, () => With(w => w.AddTensor(new string('t', 64), [32], 0, new byte[128]))),
        ["duplicate tensor"] = (GgufError.DuplicateTensor, () => With(w => w.AddTensor("output_norm.weight", [64], 0, new byte[256]))),
        ["no dimensions"] = (GgufError.BadShape, () => Norm((_, t, d) => ([], t, d))),
        ["five dimensions"] = (GgufError.BadShape, () => Norm((_, t, d) => ([64, 1, 1, 1, 1], t, d))),
        ["2^32 - 1 dimensions"] = (GgufError.BadShape, () => With(w => w.ReplaceTensor("output_norm.weight", (s, t, d) => (s, t, d), dimensionCount: uint.MaxValue))),
        ["dimension 0"] = (GgufError.BadShape, () => Norm((_, t, d) => ([64, 0], t, d))),
        ["negative dimension"] = (GgufError.BadShape, () => Norm((_, t, d) => ([unchecked((ulong)-64L)], t, d))),
        ["element count that overflows"] = (GgufError.BadShape, () => Norm((_, t, d) => ([1UL << 42, 1UL << 42], t, d))),
        ["byte count that overflows"] = (GgufError.BadShape, () => Norm((_, t, d) => ([1UL << 62], t, d))),
        ["exabyte tensor that wraps to little"] = (GgufError.BadShape, () => Norm((_, t, d) => ([1UL << 32, 1UL << 31, 2], t, d))),
        ["tensor type 2^32 - 1"] = (GgufError.BadTensorType, () => Norm((s, _, d) => (s, uint.MaxValue, d))),
        ["removed tensor type 4"] = (GgufError.BadTensorType, () => Norm((s, _, d) => (s, 4, d))),
        ["row that is not whole blocks"] = (GgufError.PartialBlock, () => Norm((_, _, d) => ([40], 8, d))),
        ["unaligned offset"] = (GgufError.BadOffset, () => Norm((s, t, d) => (s, t, d), offset: 7)),
        ["offset past the end"] = (GgufError.OutsideFile, () => Norm((s, t, d) => (s, t, d), offset: 1UL << 40)),
        ["offset 2^64 - 32"] = (GgufError.OutsideFile, () => Norm((s, t, d) => (s, t, d), offset: ulong.MaxValue - 31)),
        ["overlapping tensors"] = (GgufError.Overlap, () => Norm((s, t, d) => (s, t, d), offset: 0)),
        ["tensor larger than the file"] = (GgufError.OutsideFile, () => Norm((_, t, d) => ([1UL << 40], t, d))),
        ["sizes whose sum wraps"] = (GgufError.BadShape, () => With(w =>
        {
            for (var half = 0; half < 2; half++)
                w.AddTensor($"half.{half}", [1UL << 31, 1UL << 30], 0, []);
        })),
        ["missing data"] = (GgufError.OutsideFile, () => With(w => w.CutBytes = 300)),
        ["no architecture"] = (GgufError.MissingKey, () => With(w => w.Remove("general.architecture"))),
        ["architecture that is a number"] = (GgufError.WrongValueType, () => Replace("general.architecture", w => w.Add("general.architecture", 1u))),
        ["no heads"] = (GgufError.BadParameter, () => Parameter("attention.head_count", 0)),
        ["no key-value heads"] = (GgufError.BadParameter, () => Parameter("attention.head_count_kv", 0)),
        ["heads that do not divide"] = (GgufError.BadParameter, () => Parameter("attention.head_count_kv", 3)),
        ["no layers"] = (GgufError.BadParameter, () => Parameter("block_count", 0)),
        ["513 layers"] = (GgufError.BadParameter, () => Parameter("block_count", 513)),
        ["width 0"] = (GgufError.BadParameter, () => Parameter("embedding_length", 0)),
        ["width beyond the cap"] = (GgufError.BadParameter, () => Parameter("embedding_length", 1 << 20)),
        ["feed-forward length 0"] = (GgufError.BadParameter, () => Parameter("feed_forward_length", 0)),
        ["head length 0"] = (GgufError.BadParameter, () => Parameter("attention.key_length", 0)),
        ["rotary length 0"] = (GgufError.BadParameter, () => Parameter("rope.dimension_count", 0)),
        ["rotary length odd"] = (GgufError.BadParameter, () => Parameter("rope.dimension_count", 3)),
        ["rotary length beyond the head"] = (GgufError.BadParameter, () => Parameter("rope.dimension_count", 34)),
        ["context 0"] = (GgufError.BadParameter, () => Parameter("context_length", 0)),
        ["vocabulary size that differs"] = (GgufError.BadParameter, () => Parameter("vocab_size", 499)),
        ["epsilon that is no number"] = (GgufError.BadParameter, () => Replace(
            "qwen3.attention.layer_norm_rms_epsilon", w => w.Add("qwen3.attention.layer_norm_rms_epsilon", float.NaN))),
        ["no epsilon"] = (GgufError.MissingKey, () => With(w => w.Remove("qwen3.attention.layer_norm_rms_epsilon"))),
        ["rope base 0"] = (GgufError.BadParameter, () => Replace("qwen3.rope.freq_base", w => w.Add("qwen3.rope.freq_base", 0f))),
        ["no tokens"] = (GgufError.MissingKey, () => With(w => w.Remove("tokenizer.ggml.tokens"))),
        ["a vocabulary of nothing"] = (GgufError.BadParameter, () => Replace("tokenizer.ggml.tokens", w => w.Add("tokenizer.ggml.tokens", (string[])[]))),
        ["tokens that are numbers"] = (GgufError.WrongValueType, () => Replace("tokenizer.ggml.tokens", w => w.Add("tokenizer.ggml.tokens", [1, 2, 3]))),
        ["token types of wrong type"] = (GgufError.WrongValueType, () => Replace(
            "tokenizer.ggml.token_type", w => w.AddRaw("tokenizer.ggml.token_type", 9, [.. GgufWriter.UInt32(0), .. GgufWriter.UInt64(500), .. new byte[500]]))),
        ["token types too few"] = (GgufError.BadTokenizer, () => Replace("tokenizer.ggml.token_type", w => w.Add("tokenizer.ggml.token_type", new int[499]))),
        ["scores too many"] = (GgufError.BadTokenizer, () => With(w => w.Add("tokenizer.ggml.scores", new float[501]))),
        ["scores that are strings"] = (GgufError.WrongValueType, () => With(w => w.Add("tokenizer.ggml.scores", ["a"]))),
        ["merges that are numbers"] = (GgufError.WrongValueType, () => Replace("tokenizer.ggml.merges", w => w.Add("tokenizer.ggml.merges", [1]))),
        ["merge that is no pair"] = (GgufError.BadTokenizer, () => Replace("tokenizer.ggml.merges", w => w.Add("tokenizer.ggml.merges", ["nopair"]))),
        ["token that is not UTF-8"] = (GgufError.BadText, () => Replace("tokenizer.ggml.tokens", w => w.AddRaw(
            "tokenizer.ggml.tokens", 9, [.. GgufWriter.UInt32(8), .. GgufWriter.UInt64(500), .. Enumerable.Range(0, 500).SelectMany(_ => GgufWriter.Text([0xFF]))]))),
        ["end token outside the vocabulary"] = (GgufError.BadParameter, () => Replace(
            "tokenizer.ggml.eos_token_id", w => w.Add("tokenizer.ggml.eos_token_id", 500u))),
        ["begin token -1"] = (GgufError.BadParameter, () => With(w => w.Add("tokenizer.ggml.bos_token_id", -1))),
        ["unknown token outside the vocabulary"] = (GgufError.BadParameter, () => With(w => w.Add("tokenizer.ggml.unknown_token_id", uint.MaxValue))),
        ["no experts used"] = (GgufError.BadParameter, () => Experts("expert_used_count", 0)),
        ["more experts used than there are"] = (GgufError.BadParameter, () => Experts("expert_used_count", 7)),
        ["experts beyond the cap"] = (GgufError.BadParameter, () => Experts("expert_count", 1u << 30)),
        ["tensor missing"] = (GgufError.MissingTensor, () => With(w => w.RemoveTensor("blk.2.ffn_up.weight"))),
        ["embedding rows other than the vocabulary"] = (GgufError.ShapeMismatch, () => With(w => w.ReplaceTensor(
            "token_embd.weight", (_, t, d) => ([64, 499], t, d)))),
        ["transposed matrix"] = (GgufError.ShapeMismatch, () => With(w => w.ReplaceTensor("blk.0.ffn_down.weight", (s, t, d) => ([s[1], s[0]], t, d)))),
        ["infinite scale"] = (GgufError.NotFinite, () => Spoil("blk.1.attn_q.weight", d => { (d[0], d[1]) = (0x00, 0x7C); })),
        ["scale that is no number"] = (GgufError.NotFinite, () => Spoil("blk.1.attn_q.weight", d => { (d[34], d[35]) = (0x01, 0xFE); })),
        ["infinite minimum"] = (GgufError.NotFinite, () => Spoil(
            "blk.1.attn_q.weight", WeightType.Q4_1, d => { (d[2], d[3]) = (0x00, 0xFC); })),
        ["power of two that is no number"] = (GgufError.NotFinite, () => Spoil("blk.1.attn_q.weight", WeightType.MXFP4, d => d[17] = 255)),
        ["16-bit weight that is no number"] = (GgufError.NotFinite, () => Spoil(
            "blk.1.attn_q.weight", WeightType.BF16, d => { (d[6], d[7]) = (0xC0, 0x7F); })),
        ["norm weight that is no number"] = (GgufError.NotFinite, () => Spoil("output_norm.weight", d => BitConverter.TryWriteBytes(d.AsSpan(8), float.NaN))),
    };

    private static byte[] Experts(string name, uint value) =>
        With(w => w.Remove("qwen3moe." + name).Add("qwen3moe." + name, value), new() { Architecture = "qwen3moe" });

    /// <summary>A good file, changed.</summary>
    public static byte[] With(Action<GgufWriter> change, SyntheticModelOptions? model = null)
    {
        var writer = SyntheticModel.Writer(model ?? new());
        change(writer);
        return writer.Build();
    }

    public static byte[] Replace(string key, Action<GgufWriter> add) => With(w => add(w.Remove(key)));

    private static byte[] Bare(Action<GgufWriter> change)
    {
        var writer = new GgufWriter();
        change(writer);
        return writer.Build();
    }

    private static byte[] Array(uint type, ulong length) => With(w => w.AddRaw("x", 9, [.. GgufWriter.UInt32(type), .. GgufWriter.UInt64(length)]));

    private static byte[] Parameter(string name, uint value) => Replace("qwen3." + name, w => w.Add("qwen3." + name, value));

    private static byte[] Norm(Func<ulong[], uint, byte[], (ulong[], uint, byte[])> change, ulong? offset = null) =>
        With(w => w.ReplaceTensor("output_norm.weight", change, offset));

    /// <summary>A tensor of zeros in another type, and then spoilt.</summary>
    private static byte[] Spoil(string tensor, WeightType type, Action<byte[]> change) => With(w => w.ReplaceTensor(tensor, (shape, _, _) =>
    {
        var data = WeightEncoder.Encode(new float[shape[0] * shape[1]], type);
        change(data);
        return (shape, (uint)type, data);
    }));

    private static byte[] Spoil(string tensor, Action<byte[]> change) => With(w => w.ReplaceTensor(tensor, (shape, type, data) =>
    {
        change(data);
        return (shape, type, data);
    }));
}
