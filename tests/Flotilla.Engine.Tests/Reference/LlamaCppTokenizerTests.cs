using System.Runtime.InteropServices;
using System.Text;
using Flotilla.Cli.Bench;
using Flotilla.Engine.Models;
using Flotilla.Engine.Tests.Tokenization;
using Flotilla.Engine.Tokenization;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Reference;

/// <summary>Every kind of tokenizer and every pre-tokenizer against llama.cpp: the same ids for a megabyte of whatever may come.</summary>
public sealed class LlamaCppTokenizerTests
{
    private const int CorpusBytes = 1_200_000;
    private const int AliasBytes = 60_000;

    private static readonly VocabularyTrainer s_trainer = new(seed: 1, bytes: 150_000, merges: 700);

    /// <summary>The last token of each vocabulary, user-defined.</summary>
    private const string Thumb = "👍🏽";

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint VocabularyOf(nint model);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Tokenize(nint vocabulary, byte[] text, int length, int[] tokens, int tokensMax, [MarshalAs(UnmanagedType.I1)] bool whole, [MarshalAs(UnmanagedType.I1)] bool parse);

    public static TheoryData<string> Kinds => ["llama", "bert", "bert cased", "bert cased without accents", "t5", "t5 with spaces kept", "t5 without a map", "t5 without a first space"];

    public static TheoryData<string, int> PreTokenizers
    {
        get
        {
            var rules = new HashSet<string>(["default", "gpt-2", "smollm", "qwen2", "llama-bpe", "dbrx"]);
            var data = new TheoryData<string, int>();
            foreach (var name in PreTokenizer.Names)
                data.Add(name, rules.Contains(name) ? CorpusBytes : AliasBytes);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Ids_of_every_kind_are_llama_cpps(string kind) => Compare(Vocabulary(kind), CorpusBytes);

    [Theory]
    [MemberData(nameof(PreTokenizers))]
    public void Ids_of_every_pre_tokenizer_are_llama_cpps(string pre, int bytes) => Compare(s_trainer.ByteLevel(pre), bytes);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_class_and_the_letters_of_every_code_point_are_llama_cpps(string kind) =>
        Compare(Vocabulary(kind), Enumerable.Range(0, 0x110000 / 64).Select(EveryCodePoint));

    /// <summary>
    /// llama.cpp cuts every character that begins with the byte of 👍 where 👍🏽 is user-defined in a unigram vocabulary, so it is given one where 👍🏽 is
    /// an ordinary token: in texts that do not have it, the two are the same.
    /// </summary>
    [Theory]
    [InlineData("t5")]
    [InlineData("t5 with spaces kept")]
    [InlineData("t5 without a map")]
    [InlineData("t5 without a first space")]
    public void Characters_that_begin_like_a_user_defined_token_are_whole(string kind)
    {
        var vocabulary = Vocabulary(kind);
        var ours = vocabulary with { Types = [.. vocabulary.Types.SkipLast(1), 4] };
        Assert.Equal(Thumb, ours.Tokens.Last());
        var texts = new Corpus(seed: 2).Texts(AliasBytes).Concat(Enumerable.Range(0, 0x110000 / 64).Select(EveryCodePoint));
        Compare(vocabulary, texts.Select(text => text.Replace(Thumb, "", StringComparison.Ordinal)), ours);
    }

    /// <summary>Of a unigram vocabulary, without the token that llama.cpp cuts characters for.</summary>
    private static SyntheticTokenizer Unigram(params (string Key, object Value)[] extra)
    {
        var vocabulary = s_trainer.Unigram(extra);
        return vocabulary with { Types = [.. vocabulary.Types.SkipLast(1), 1] };
    }

    private static SyntheticTokenizer Vocabulary(string kind) => kind switch
    {
        "llama" => s_trainer.SentencePiece(),
        "bert" => s_trainer.WordPiece(),
        "bert cased" => s_trainer.WordPiece(("normalizer.lowercase", false)),
        "bert cased without accents" => s_trainer.WordPiece(("normalizer.lowercase", false), ("normalizer.strip_accents", true)),
        "t5" => Unigram(("add_space_prefix", true), ("remove_extra_whitespaces", true)),
        "t5 with spaces kept" => Unigram(("add_space_prefix", true)),
        "t5 without a map" => Unigram(("add_space_prefix", true), ("precompiled_charsmap", CharacterMapWriter.Write([("a", "a")]))),
        "t5 without a first space" => Unigram(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>Of each code point the class shows in where words end, and its plain and small letters in what they are made of.</summary>
    private static string EveryCodePoint(int block)
    {
        var text = new StringBuilder();
        for (var codePoint = block * 64; codePoint < (block + 1) * 64; codePoint++)
        {
            if (Rune.IsValid(codePoint))
                text.Append('a').Append(new Rune(codePoint).ToString()).Append("b ");
        }

        return text.ToString();
    }

    private static void Compare(SyntheticTokenizer vocabulary, int bytes) => Compare(vocabulary, new Corpus(seed: 2).Texts(bytes));

    private static void Compare(SyntheticTokenizer vocabulary, IEnumerable<string> texts, SyntheticTokenizer? other = null)
    {
        var llama = LlamaCppLibrary.Get();
        var options = new SyntheticModelOptions { Architecture = "llama", Layers = 1, Tokenizer = vocabulary, Vocabulary = vocabulary.Tokens.Count };
        using var file = SyntheticModelFile.Create(options);
        using var otherFile = SyntheticModelFile.Create(options with { Tokenizer = other ?? vocabulary });
        using var session = llama.Open(file.Path, 16, sequences: 1, threads: 1);
        var (vocabularyOf, tokenize) = (llama.Get<VocabularyOf>("llama_model_get_vocab"), llama.Get<Tokenize>("llama_tokenize"));
        var handle = vocabularyOf(session.Model);
        var ours = LoadedModel.Load(otherFile.Path, 0, null, TestContext.Current.CancellationToken).Tokenizer;
        foreach (var text in texts)
        {
            Same(ours.Encode(text, parseSpecial: true, addBos: false), Theirs(text, whole: false, parse: true), text, ours);
            Same(ours.Encode(text, parseSpecial: false, addBos: false), Theirs(text, whole: false, parse: false), text, ours);
            Same(ours.EncodeWhole(text), Theirs(text, whole: true, parse: false), text, ours);
        }

        int[] Theirs(string text, bool whole, bool parse)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            var ids = new int[utf8.Length * 4 + 16];
            var count = tokenize(handle, utf8, utf8.Length, ids, ids.Length, whole, parse);
            Assert.InRange(count, 0, ids.Length);
            return ids[..count];
        }
    }

    private static void Same(int[] ours, int[] theirs, string text, ITokenizer tokenizer)
    {
        var common = ours.AsSpan().CommonPrefixLength(theirs);
        if (common == ours.Length && common == theirs.Length)
            return;
        Assert.Fail($"After {Show(ours.Take(common).TakeLast(12))} ours are {Show(ours.Skip(common).Take(12))} and theirs {Show(theirs.Skip(common).Take(12))}, in {text.Length} characters that begin with {text[..Math.Min(60, text.Length)]}.");

        string Show(IEnumerable<int> ids) => string.Join(' ', ids.Select(id => $"{id}:{Convert.ToHexString(tokenizer.BytesOf(id).Span)}"));
    }
}
