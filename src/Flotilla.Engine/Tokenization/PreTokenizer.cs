using System.Collections.Frozen;

namespace Flotilla.Engine.Tokenization;

/// <summary>
/// Cuts text into the pieces inside which BPE merges: one or more rules, each cutting the pieces of the one before.
/// The rules are the regular expressions of the models' own tokenizers, written as scanners: linear in time, and right beyond the BMP.
/// </summary>
internal sealed class PreTokenizer
{
    private static readonly FrozenDictionary<string, PreTokenizer> s_byName = Build();

    private readonly PieceRule[] _rules;

    private PreTokenizer(bool wholePiecesFirst, bool addsBos, params PieceRule[] rules) =>
        (WholePiecesFirst, AddsBos, _rules) = (wholePiecesFirst, addsBos, rules);

    /// <summary>The names of all.</summary>
    public static IEnumerable<string> Names => s_byName.Keys.Order(StringComparer.Ordinal);

    /// <summary>Whether a piece that is itself a token becomes that token, whatever the merges would make of it.</summary>
    public bool WholePiecesFirst { get; }

    /// <summary>Whether such models expect a begin-of-sequence token unless their metadata say otherwise.</summary>
    public bool AddsBos { get; }

    /// <summary>The pre-tokenizer of this <c>tokenizer.ggml.pre</c>; a file without one means <c>default</c>.</summary>
    public static PreTokenizer Named(string? name) =>
        s_byName.TryGetValue(string.IsNullOrEmpty(name) ? "default" : name, out var found)
            ? found
            : throw new TokenizerException(
                TokenizerError.UnknownPreTokenizer,
                $"tokenizer.ggml.pre is '{name}'; this engine has {string.Join(", ", Names)}.");

    /// <summary>Appends the end of each piece of <paramref name="text"/>, ascending; the last is the text's length.</summary>
    public void Split(ReadOnlySpan<char> text, List<int> ends)
    {
        ends.Clear();
        if (text.IsEmpty)
        {
            return;
        }
        ends.Add(text.Length);
        foreach (var rule in _rules)
        {
            var pieces = ends.ToArray();
            ends.Clear();
            var start = 0;
            foreach (var end in pieces)
            {
                rule(text[start..end], start, ends);
                start = end;
            }
        }
    }

    private static FrozenDictionary<string, PreTokenizer> Build()
    {
        var gpt2 = new PreTokenizer(false, false, PieceRules.Gpt2);
        var digitsThenGpt2 = new PreTokenizer(false, false, PieceRules.SingleNumbers, PieceRules.Gpt2);
        var qwen2 = new PreTokenizer(false, false, PieceRules.Qwen2);
        var llama3 = new PreTokenizer(true, true, PieceRules.Llama3);
        var llama3Merges = new PreTokenizer(false, false, PieceRules.Llama3);
        var fallback = new PreTokenizer(
            false, false, PieceRules.PunctuationRuns, PieceRules.Gpt2, PieceRules.NumberRuns, PieceRules.AsciiDigitTriples);
        return new Dictionary<string, PreTokenizer>(StringComparer.Ordinal)
        {
            ["default"] = fallback,
            ["gpt-2"] = gpt2, ["phi-2"] = gpt2, ["mpt"] = gpt2, ["olmo"] = gpt2, ["jais"] = gpt2, ["exaone4"] = gpt2,
            ["jina-es"] = gpt2, ["jina-de"] = gpt2, ["gigachat"] = gpt2, ["a.x-4.0"] = gpt2, ["mellum"] = gpt2, ["modern-bert"] = gpt2, ["trillion"] = gpt2,
            ["granite-docling"] = gpt2,
            ["smollm"] = digitsThenGpt2, ["starcoder"] = digitsThenGpt2, ["refact"] = digitsThenGpt2, ["command-r"] = digitsThenGpt2,
            ["codeshell"] = digitsThenGpt2, ["exaone"] = digitsThenGpt2, ["minerva-7b"] = digitsThenGpt2, ["mellum2"] = digitsThenGpt2,
            ["qwen2"] = qwen2, ["deepseek-r1-qwen"] = qwen2, ["megrez"] = qwen2, ["stablelm2"] = qwen2, ["hunyuan"] = qwen2,
            ["kormo"] = qwen2, ["f2llmv2"] = qwen2, ["solar-open"] = qwen2,
            ["llama3"] = llama3, ["llama-v3"] = llama3, ["llama-bpe"] = llama3, ["falcon3"] = llama3, ["falcon-h1"] = llama3,
            ["pixtral"] = llama3, ["lfm2"] = llama3, ["midm-2.0"] = llama3, ["jina-v5-nano"] = llama3,
            ["dbrx"] = llama3Merges, ["smaug-bpe"] = llama3Merges,
        }.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
