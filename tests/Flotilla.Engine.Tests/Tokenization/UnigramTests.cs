using System.Buffers.Binary;
using Flotilla.Engine.Tokenization;
using Xunit;

namespace Flotilla.Engine.Tests.Tokenization;

public class UnigramTests
{
    [Theory]
    [InlineData("hello world", "▁hello ▁world")]
    [InlineData("  hello \t world  ", "▁hello ▁ <unk> ▁world")]
    [InlineData("abcd", "▁ ab cd")]
    [InlineData("abc", "▁ abc")]
    [InlineData("日本 日 本日", "▁ 日本 ▁ <unk> ▁ <unk>")]
    [InlineData("ЖЖЖaЖ", "▁ <unk> a <unk>")]
    [InlineData("a<q>b", "▁ a <q> ▁ b")]
    [InlineData("<s>", "▁ <unk> s <unk>")]
    [InlineData("", "")]
    [InlineData("   ", "")]
    public void The_best_cut_is_found(string text, string expected) => Assert.Equal(expected, Tokens(TestVocabulary.Unigram(), text));

    [Fact]
    public void Spaces_are_kept_or_joined_as_the_file_says()
    {
        var source = TestVocabulary.Unigram() with { RemoveExtraSpaces = false };
        Assert.Equal("▁ ▁ a ▁ ▁ b ▁", Tokens(source, " a  b "));
        Assert.Equal("a ▁ b", Tokens(source with { AddSpacePrefix = false }, "a b"));
        Assert.Equal("▁ a ▁ b", Tokens(TestVocabulary.Unigram() with { AddSpacePrefix = false }, "a  b "));
    }

    [Fact]
    public void Characters_become_what_the_map_says_the_longest_first()
    {
        var map = CharacterMapWriter.Write([("é", "e"), ("e\u0301", "e"), ("x", "hello"), ("xy", "ab"), ("z", ""), ("\t", " ")]);
        var source = TestVocabulary.Unigram() with { CharacterMap = map };
        Assert.Equal("▁ e ▁ e e ▁hello ▁ ab", Tokens(source, "é\te\u0301e x xyzz"));
    }

    /// <summary>È begins with the byte that é begins with, and ü😃 is not the beginning of ü😀; llama.cpp cuts these apart and makes U+FFFD of the rest.</summary>
    [Theory]
    [InlineData("è", "▁ e")]
    [InlineData("aèb", "▁ a e b")]
    [InlineData("ü😃", "▁ ü a")]
    [InlineData("üa", "▁ ü a")]
    [InlineData("é!", "é!")]
    [InlineData("é", "▁ é")]
    [InlineData("ü😀", "ü😀")]
    public void A_user_defined_token_cuts_no_character(string text, string expected)
    {
        var source = TestVocabulary.Unigram();
        source = source with
        {
            Tokens = [.. source.Tokens, "é!", "ü😀", "é", "ü"], TokenTypes = [.. source.TokenTypes!, 4, 4, 1, 1], Scores = [.. source.Scores!, 0, 0, -6, -6],
            CharacterMap = CharacterMapWriter.Write([("è", "e"), ("😃", "a")]),
        };
        Assert.Equal(expected, Tokens(source, text));
    }

    /// <summary>What a file's map says may be anything: a look-up ends, and the text comes back as it was.</summary>
    [Fact]
    public void A_map_that_points_outside_or_in_circles_replaces_nothing()
    {
        var random = new Random(5);
        for (var round = 0; round < 2000; round++)
        {
            var units = new byte[4 * random.Next(1, 300)];
            random.NextBytes(units);
            // Half of them with labels and bases that lead on.
            for (var at = 0; at < units.Length && round % 2 == 0; at += 4)
                BinaryPrimitives.WriteUInt32LittleEndian(units.AsSpan(at), ((uint)random.Next(300) << 10) | (uint)(random.Next(2) << 8) | (byte)(at / 4));
            var length = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, units.Length);
            var map = new CharacterMap([.. length, .. units, .. "some\0texts\0"u8]);
            var text = new byte[100];
            random.NextBytes(text);
            if (map.TryReplace(text, out var replacement, out var taken))
                Assert.True(taken is > 0 and <= TextLimits.CharacterMapKeyBytesMax && replacement.Length < 6);
        }
    }

    [Fact]
    public void A_whole_text_stands_between_its_marks_and_a_pair_has_some_between()
    {
        var source = TestVocabulary.Unigram();
        Assert.Equal("<s> ▁hello </s>", Names(source, Tokenizers.Create(source).EncodeWhole("hello")));
        Assert.Equal("▁hello", Names(source with { AddBos = false, AddEos = false }, Tokenizers.Create(source with { AddBos = false, AddEos = false }).EncodeWhole("hello")));
        Assert.Equal("<s> ▁hello </s> ▁world </s>", Names(source, Tokenizers.Create(source).EncodePair("hello", "world").Ids));
        Assert.Equal("<s> ▁hello </s> </s> ▁world </s>", Names(source, Tokenizers.Create(source with { AddSep = true }).EncodePair("hello", "world").Ids));
    }

    [Fact]
    public void What_has_a_token_for_each_character_and_no_map_decodes_to_itself()
    {
        var tokenizer = Tokenizers.Create(TestVocabulary.Unigram() with { AddSpacePrefix = false, RemoveExtraSpaces = false });
        var random = new Random(6);
        for (var round = 0; round < 500; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => "abcdehlorw .,!"[random.Next(14)]));
            Assert.Equal(text, TestVocabulary.Decode(tokenizer, tokenizer.Encode(text, parseSpecial: false, addBos: false)));
        }
    }

    private static string Tokens(TokenizerSource source, string text) => Names(source, Tokenizers.Create(source).Encode(text, parseSpecial: false, addBos: false));

    private static string Names(TokenizerSource source, int[] ids) => string.Join(' ', ids.Select(id => source.Tokens[id]));
}
