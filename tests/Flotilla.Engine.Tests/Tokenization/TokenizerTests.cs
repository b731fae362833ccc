using System.Text;
using Flotilla.Engine.Tokenization;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Flotilla.Engine.Tests.Tokenization;

public class TokenizerTests
{
    [Theory]
    [MemberData(nameof(ReferenceIds.ByteLevel), MemberType = typeof(ReferenceIds))]
    public void Byte_level_ids_are_those_of_the_reference(string pre, string text, string ids)
    {
        var tokenizer = Tokenizers.Create(TestVocabulary.ByteLevel(pre));
        Assert.Equal(ids, string.Join(',', tokenizer.Encode(text, parseSpecial: true, addBos: false)));
    }

    [Theory]
    [MemberData(nameof(ReferenceIds.SentencePiece), MemberType = typeof(ReferenceIds))]
    public void SentencePiece_ids_are_those_of_the_reference(string text, string ids)
    {
        var tokenizer = Tokenizers.Create(TestVocabulary.SentencePiece());
        Assert.Equal(ids, string.Join(',', tokenizer.Encode(text, parseSpecial: true, addBos: tokenizer.AddsBos)));
    }

    [Theory]
    [InlineData("gpt-2")]
    [InlineData("qwen2")]
    [InlineData("llama-bpe")]
    [InlineData("smollm")]
    [InlineData("default")]
    public void What_is_encoded_decodes_to_itself(string pre)
    {
        var tokenizer = Tokenizers.Create(TestVocabulary.ByteLevel(pre));
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), Prop.ForAll(ArbitraryText.Arbitrary, text => IsIdentity(tokenizer, text)));
    }

    [Fact]
    public void What_SentencePiece_encodes_decodes_to_itself_after_a_space()
    {
        var source = TestVocabulary.SentencePiece() with { AddSpacePrefix = false };
        var tokenizer = Tokenizers.Create(source);
        // U+2581 is how a space is written: it is the one character that comes back as another.
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), Prop.ForAll(ArbitraryText.Arbitrary, text => IsIdentity(tokenizer, text.Replace('▁', '_'))));
        Assert.Equal(" hello", TestVocabulary.Decode(Tokenizers.Create(TestVocabulary.SentencePiece()), Tokenizers.Create(TestVocabulary.SentencePiece()).Encode("hello", false, false)));
    }

    [Fact]
    public void A_corpus_decodes_to_itself()
    {
        string[] texts = [.. new Corpus(seed: 3).Texts(400_000)];
        foreach (var pre in PreTokenizer.Names)
        {
            var tokenizer = Tokenizers.Create(TestVocabulary.ByteLevel(pre));
            Assert.All(texts, text => Assert.True(IsIdentity(tokenizer, text)));
        }

        var sentencePiece = Tokenizers.Create(TestVocabulary.SentencePiece() with { AddSpacePrefix = false });
        Assert.All(texts, text => Assert.True(IsIdentity(sentencePiece, text.Replace('▁', '_'))));
    }

    [Fact]
    public void Encode_LoneSurrogate_BecomesReplacementCharacter()
    {
        var tokenizer = Tokenizers.Create(TestVocabulary.ByteLevel("qwen2"));
        Assert.Equal("a\ufffdb", TestVocabulary.Decode(tokenizer, tokenizer.Encode("a\ud800b", true, false)));
        // Also where a vocabulary has that character as a token.
        var source = TestVocabulary.SentencePiece();
        source = source with { Tokens = [.. source.Tokens, "\ufffd"], TokenTypes = [.. source.TokenTypes!, 1], Scores = [.. source.Scores!, -1] };
        Assert.Equal(source.Tokens.Count - 1, Tokenizers.Create(source).Encode("a\ud800", true, false)[^1]);
    }

    [Fact]
    public void Control_tokens_in_plain_text_stay_text_and_user_defined_ones_do_not()
    {
        var tokenizer = Tokenizers.Create(TestVocabulary.ByteLevel("qwen2"));
        var plain = tokenizer.Encode("<|im_end|><tool_call>", parseSpecial: false, addBos: false);
        Assert.DoesNotContain(plain, tokenizer.IsControl);
        Assert.Equal("<tool_call>", TestVocabulary.Decode(tokenizer, [plain[^1]]));
        var parsed = tokenizer.Encode("<|im_end|><tool_call>", parseSpecial: true, addBos: false);
        Assert.Equal(2, parsed.Length);
        Assert.True(tokenizer.IsControl(parsed[0]) && tokenizer.IsEndOfGeneration(parsed[0]));
        Assert.False(tokenizer.IsControl(parsed[1]));
    }

    [Fact]
    public void A_prompts_control_tokens_are_made_of_its_own_characters_alone()
    {
        var tokenizer = Tokenizers.Create(TestVocabulary.ByteLevel("qwen2"));
        const string Text = "<|im_end|><|im_end|><|im_end|><tool_call>";
        var foreign = new bool[Text.Length];
        // The first is the template's, of the second one character is not, the third is none of its characters.
        foreign[15] = true;
        foreign.AsSpan(20).Fill(true);

        var ids = tokenizer.EncodePrompt(Text, foreign, addBos: false);

        Assert.Equal(Text, TestVocabulary.Decode(tokenizer, ids));
        Assert.True(tokenizer.IsControl(ids[0]));
        Assert.Equal(1, ids.Count(tokenizer.IsControl));
        Assert.Equal("<tool_call>", TestVocabulary.Decode(tokenizer, [ids[^1]]));
        Assert.Equal(tokenizer.Encode(Text, parseSpecial: true, addBos: false), tokenizer.EncodePrompt(Text, new bool[Text.Length], addBos: false));
        Assert.Throws<ArgumentException>(() => tokenizer.EncodePrompt(Text, [], addBos: false));
    }

    [Fact]
    public void A_control_tokens_name_in_plain_text_is_not_merged_together()
    {
        var source = TestVocabulary.SentencePiece();
        // As Llama's vocabulary has it: both halves are tokens, and the whole has the best score of all.
        source = source with
        {
            Tokens = [.. source.Tokens, "</", "s>", "<", "/", ">"],
            TokenTypes = [.. source.TokenTypes!, 1, 1, 1, 1, 1],
            Scores = [.. source.Scores!, -1, -2, -100, -100, -100],
        };
        var tokenizer = Tokenizers.Create(source);

        Assert.DoesNotContain(tokenizer.EosId, tokenizer.Encode("a</s>b", parseSpecial: false, addBos: false));
        Assert.Contains(tokenizer.EosId, tokenizer.Encode("a</s>b", parseSpecial: true, addBos: false));
    }

    [Fact]
    public void The_leftmost_special_token_wins_and_there_the_longest()
    {
        var source = WithSpecials("ab", "bcd", "abc", "x");
        var tokenizer = Tokenizers.Create(source);
        var names = tokenizer.Encode("zabcdxab", parseSpecial: true, addBos: false).Select(id => source.Tokens[id]);
        Assert.Equal(["z", "abc", "d", "x", "ab"], names);
    }

    [Fact]
    public void Addition_of_the_first_token_follows_the_file_then_the_model_family()
    {
        Assert.False(Tokenizers.Create(TestVocabulary.ByteLevel("qwen2")).AddsBos);
        Assert.True(Tokenizers.Create(TestVocabulary.ByteLevel("llama-bpe")).AddsBos);
        Assert.False(Tokenizers.Create(TestVocabulary.ByteLevel("llama-bpe") with { AddBos = false }).AddsBos);
        Assert.False(Tokenizers.Create(TestVocabulary.ByteLevel("llama-bpe") with { Bos = null }).AddsBos);
        var tokenizer = Tokenizers.Create(TestVocabulary.ByteLevel("llama-bpe"));
        Assert.Equal([tokenizer.BosId!.Value], tokenizer.Encode("", parseSpecial: false, addBos: true));
    }

    [Fact]
    public void A_whole_piece_that_is_a_token_needs_no_merges_in_Llama_3()
    {
        var source = TestVocabulary.ByteLevel("llama-bpe");
        source = source with { Tokens = [.. source.Tokens, "Ġwhole"], TokenTypes = [.. source.TokenTypes!, 1] };
        Assert.Equal([source.Tokens.Count - 1], Tokenizers.Create(source).Encode(" whole", false, false));
        Assert.Equal(5, Tokenizers.Create(source with { Pre = "qwen2" }).Encode(" whole", false, false).Length);
    }

    [Fact]
    public void A_merge_may_pass_through_a_text_that_is_no_token()
    {
        var source = TestVocabulary.ByteLevel("gpt-2");
        source = source with
        {
            Tokens = [.. source.Tokens, "xyz"],
            TokenTypes = [.. source.TokenTypes!, 1],
            Merges = [.. source.Merges, "x y", "xy z"],
        };
        var tokenizer = Tokenizers.Create(source);
        Assert.Equal([source.Tokens.Count - 1], tokenizer.Encode("xyz", false, false));
        Assert.Equal(['x', 'y'], tokenizer.Encode("xy", false, false).Select(id => source.Tokens[id][0]));
    }

    [Fact]
    public void Bytes_without_a_token_are_left_out()
    {
        var source = new TokenizerSource { Model = "gpt2", Pre = "gpt-2", Tokens = ["a", "b", "</s>"], Eos = 2 };
        Assert.Equal([0, 1], Tokenizers.Create(source).Encode("aéb\n", false, false));
    }

    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("😀")]
    [InlineData("<|im_")]
    public void A_megabyte_of_one_text_repeated_takes_memory_for_a_megabyte(string part)
    {
        var kinds = new[] { TestVocabulary.ByteLevel("qwen2"), TestVocabulary.SentencePiece(), TestVocabulary.WordPiece(), TestVocabulary.Unigram() };
        foreach (var tokenizer in kinds.Select(Tokenizers.Create))
        {
            var text = string.Concat(Enumerable.Repeat(part, 1_000_000 / Encoding.UTF8.GetByteCount(part)));
            // Whatever is quadratic, in time or in memory, does not come to an end within a day here; optimised and alone it is below 0.7 s.
            var before = GC.GetAllocatedBytesForCurrentThread();
            var ids = tokenizer.Encode(text, parseSpecial: true, addBos: false);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 128L * 1_000_000);
            Assert.InRange(ids.Length, 0, text.Length * 3);
        }
    }

    private static TokenizerSource WithSpecials(params string[] specials)
    {
        var source = TestVocabulary.ByteLevel("gpt-2");
        var taken = source.Tokens.Except(specials).ToList();
        return source with
        {
            Tokens = [.. taken, .. specials],
            TokenTypes = [.. Enumerable.Repeat(1, taken.Count), .. Enumerable.Repeat(4, specials.Length)],
        };
    }

    private static bool IsIdentity(ITokenizer tokenizer, string text)
    {
        var valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        return RoundTrip(parseSpecial: true) == valid && RoundTrip(parseSpecial: false) == valid;

        string RoundTrip(bool parseSpecial) => TestVocabulary.Decode(tokenizer, tokenizer.Encode(text, parseSpecial, addBos: false));
    }
}
