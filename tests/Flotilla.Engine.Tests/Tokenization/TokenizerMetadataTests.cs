using Flotilla.Engine.Tokenization;
using Xunit;

namespace Flotilla.Engine.Tests.Tokenization;

public class TokenizerMetadataTests
{
    private static readonly TokenizerSource s_good = TestVocabulary.ByteLevel("qwen2");
    private static readonly TokenizerSource s_words = TestVocabulary.WordPiece();
    private static readonly TokenizerSource s_unigram = TestVocabulary.Unigram();

    public static TheoryData<string, TokenizerError, string> Bad { get; } = new()
    {
        { "model", TokenizerError.UnknownModel, "'rwkv'" },
        { "pre", TokenizerError.UnknownPreTokenizer, "'unheard-of'" },
        { "no tokens", TokenizerError.Malformed, "tokens is empty" },
        { "types too short", TokenizerError.Malformed, "token_type has 1 entries" },
        { "types too long", TokenizerError.Malformed, "entries for" },
        { "type 7", TokenizerError.Malformed, "is 7; kinds are 0 to 6" },
        { "type -1", TokenizerError.Malformed, "is -1; kinds are 0 to 6" },
        { "scores too short", TokenizerError.Malformed, "scores has 1 entries" },
        { "duplicate", TokenizerError.Malformed, "same text" },
        { "eos out of range", TokenizerError.Malformed, "eos_token_id is 2147483647" },
        { "bos negative", TokenizerError.Malformed, "bos_token_id is -1" },
        { "pad out of range", TokenizerError.Malformed, "padding_token_id" },
        { "no end", TokenizerError.Malformed, "eos_token_id is missing" },
        { "merge without a space", TokenizerError.Malformed, "merges[0]" },
        { "merge with nothing after", TokenizerError.Malformed, "merges[0]" },
        { "long special token", TokenizerError.LimitExceeded, "at most 512" },
        { "long word", TokenizerError.LimitExceeded, "at most 1024" },
        { "unigram without unknown", TokenizerError.Malformed, "unknown_token_id is missing" },
        { "map without a tree", TokenizerError.Malformed, "precompiled_charsmap" },
        { "map with a tree longer than itself", TokenizerError.Malformed, "precompiled_charsmap" },
        { "map whose last text has no end", TokenizerError.Malformed, "precompiled_charsmap" },
        { "map too long", TokenizerError.LimitExceeded, "precompiled_charsmap has" },
        { "map with a long text", TokenizerError.LimitExceeded, "by 257 bytes" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Metadata_that_contradict_themselves_are_refused_by_name(string what, TokenizerError error, string message)
    {
        var failure = Assert.Throws<TokenizerException>(() => Tokenizers.Create(Spoilt(what)));
        Assert.Equal(error, failure.Error);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_token_counts_only_in_its_exact_form()
    {
        string[] texts = ["<0x41>", "<0x-1>", "<0xZZ>", "<0x4>", "<0x041>", "</s>"];
        var source = new TokenizerSource { Model = "llama", Tokens = texts, TokenTypes = [6, 6, 6, 6, 6, 3], Eos = 5, AddSpacePrefix = false };
        var tokenizer = Tokenizers.Create(source);
        Assert.Equal("A"u8.ToArray(), tokenizer.BytesOf(0).ToArray());
        Assert.Equal("<0x-1>"u8.ToArray(), tokenizer.BytesOf(1).ToArray());
        Assert.Equal([0], tokenizer.Encode("AB", false, false));
    }

    [Fact]
    public void An_empty_token_is_kept_and_never_made()
    {
        var source = new TokenizerSource { Model = "gpt2", Pre = "gpt-2", Tokens = ["", "a", "", "</s>"], Eos = 3 };
        var tokenizer = Tokenizers.Create(source);
        Assert.Equal([1, 1], tokenizer.Encode("aa", true, false));
        Assert.Equal(0, tokenizer.BytesOf(0).Length);
    }

    [Fact]
    public void The_end_of_a_turn_is_known_by_its_text_even_where_the_file_calls_it_ordinary()
    {
        var source = s_good with { Eos = null, TokenTypes = null };
        var tokenizer = Tokenizers.Create(source);
        var end = Enumerable.Range(0, source.Tokens.Count).Single(id => source.Tokens[id] == "<|im_end|>");
        Assert.True(tokenizer.IsEndOfGeneration(end) && tokenizer.IsControl(end));
        Assert.DoesNotContain(end, tokenizer.Encode("<|im_end|>", parseSpecial: false, addBos: false));
    }

    private static TokenizerSource Spoilt(string what) => what switch
    {
        "model" => s_good with { Model = "rwkv" },
        "pre" => s_good with { Pre = "unheard-of" },
        "no tokens" => s_good with { Tokens = [], TokenTypes = null },
        "types too short" => s_good with { TokenTypes = [1] },
        "types too long" => s_good with { TokenTypes = [.. s_good.TokenTypes!, 1] },
        "type 7" => s_good with { TokenTypes = [7, .. s_good.TokenTypes!.Skip(1)] },
        "type -1" => s_good with { TokenTypes = [-1, .. s_good.TokenTypes!.Skip(1)] },
        "scores too short" => s_good with { Scores = [1] },
        "duplicate" => s_good with { Tokens = [.. s_good.Tokens.Skip(1), "a"] },
        "eos out of range" => s_good with { Eos = int.MaxValue },
        "bos negative" => s_good with { Bos = -1 },
        "pad out of range" => s_good with { Pad = s_good.Tokens.Count },
        "no end" => new TokenizerSource { Model = "gpt2", Pre = "gpt-2", Tokens = ["a"] },
        "merge without a space" => s_good with { Merges = ["ab"] },
        "merge with nothing after" => s_good with { Merges = ["ab "] },
        "long word" => s_words with { Tokens = [.. s_words.Tokens.SkipLast(2), new string('x', 1025), "<q>"] },
        "unigram without unknown" => new TokenizerSource { Model = "t5", Tokens = ["a", "</s>"], Eos = 1 },
        "map without a tree" => s_unigram with { CharacterMap = [0, 0, 0, 0, 0] },
        "map with a tree longer than itself" => s_unigram with { CharacterMap = [4, 0, 0, 0, 0, 0, 0, 0] },
        "map whose last text has no end" => s_unigram with { CharacterMap = [.. CharacterMapWriter.Write(), 1] },
        "map too long" => s_unigram with { CharacterMap = new byte[4 * 1024 * 1024 + 1] },
        "map with a long text" => s_unigram with { CharacterMap = CharacterMapWriter.Write([("a", new string('x', 257))]) },
        "long special token" => s_good with { Tokens = [.. s_good.Tokens.SkipLast(1), new string('x', 513)] },
        _ => throw new ArgumentOutOfRangeException(nameof(what)),
    };
}
