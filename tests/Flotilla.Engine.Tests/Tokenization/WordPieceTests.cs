using Flotilla.Engine.Tokenization;
using Xunit;

namespace Flotilla.Engine.Tests.Tokenization;

public class WordPieceTests
{
    [Theory]
    [InlineData("hello world", "▁hello ▁wor ld")]
    [InlineData("HELLO, Wörld!", "▁hello ▁, ▁wor ld ▁!")]
    [InlineData("unaffable", "▁un aff able")]
    [InlineData("  the\t\r\nthe\u00a0the ", "▁the ▁the ▁the")]
    [InlineData("a日b日", "▁a ▁日 ▁b ▁日")]
    [InlineData("日本語", "▁日 [UNK] [UNK]")]
    [InlineData("hellö hellя hello", "▁hello [UNK] ▁hello")]
    [InlineData("a\0b\ufffd\u200dc\u0301 İ K", "▁a b c ▁i ▁k")]
    [InlineData("a$b", "▁a ▁$ ▁b")]
    [InlineData("a😀 😀a 😀", "[UNK] ▁😀 a ▁😀")]
    [InlineData("[SEP]", "▁[ ▁s e p ▁]")]
    [InlineData("a<q>b", "▁a <q> ▁b")]
    [InlineData("", "")]
    public void Words_become_their_longest_beginnings(string text, string expected) => Assert.Equal(expected, Tokens(TestVocabulary.WordPiece(), text));

    [Fact]
    public void Letters_stay_as_they_are_where_the_file_says_so()
    {
        var source = TestVocabulary.WordPiece();
        Assert.Equal("[UNK] ▁hello", Tokens(source with { Lowercase = false }, "Hello hello"));
        Assert.Equal("[UNK]", Tokens(source with { StripAccents = false }, "hellö"));
        Assert.Equal("[UNK] ▁hello", Tokens(source with { Lowercase = false, StripAccents = true }, "Hellö hellö"));
    }

    [Fact]
    public void A_whole_text_stands_between_its_marks_and_a_pair_has_one_between()
    {
        var source = TestVocabulary.WordPiece();
        Assert.Equal("[CLS] ▁hello [SEP]", Names(source, Tokenizers.Create(source).EncodeWhole("hello")));
        Assert.Equal("[CLS] ▁hello [SEP] ▁the", Names(source, Tokenizers.Create(source).EncodePair("hello", "the").Ids));
        source = source with { AddEos = true, AddSep = false };
        Assert.Equal("[CLS] ▁hello [SEP] ▁the [SEP]", Names(source, Tokenizers.Create(source).EncodePair("hello", "the").Ids));
    }

    [Fact]
    public void What_the_file_does_not_say_is_as_in_the_original_vocabulary()
    {
        var tokens = Enumerable.Range(0, 104).Select(id => $"[unused{id}]").ToArray();
        (tokens[100], tokens[101], tokens[102], tokens[103]) = ("[UNK]", "[CLS]", "[SEP]", "▁a");
        var tokenizer = Tokenizers.Create(new TokenizerSource { Model = "bert", Tokens = tokens });
        Assert.Equal([101, 103, 100, 102], tokenizer.EncodeWhole("a b"));
    }

    private static string Tokens(TokenizerSource source, string text) => Names(source, Tokenizers.Create(source).Encode(text, parseSpecial: false, addBos: false));

    private static string Names(TokenizerSource source, int[] ids) => string.Join(' ', ids.Select(id => source.Tokens[id]));
}
