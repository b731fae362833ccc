using Flotilla.Engine.Chat;
using Flotilla.Engine.Tests.Tokenization;
using Flotilla.Engine.Tokenization;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Flotilla.Engine.Tests.Chat;

public class OutputParserTests
{
    private static readonly ITokenizer s_tokenizer = Tokenizers.Create(TestVocabulary.ByteLevel("qwen2"));

    [Fact]
    public void Text_comes_out_whole_whatever_its_tokens() =>
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), Prop.ForAll(ArbitraryText.Arbitrary, text =>
        {
            var ids = s_tokenizer.Encode(text, parseSpecial: false, addBos: false);
            return Text(Run(ids, [], readToolCalls: false)) == TestVocabulary.Decode(s_tokenizer, ids);
        }));

    [Fact]
    public void A_stop_string_spread_over_tokens_ends_the_answer_where_it_begins()
    {
        var parser = Parser(s_tokenizer, ["lo wor"], readToolCalls: false);
        var pieces = new List<OutputPiece>();
        var ids = s_tokenizer.Encode("Hello world", parseSpecial: false, addBos: false);
        Assert.Equal([true, false], ids.Select(id => parser.Accept(id, pieces)));
        parser.Finish(pieces);
        Assert.True(parser.IsStopped);
        Assert.Equal("Hel", Text(pieces));
    }

    [Fact]
    public void No_piece_ends_inside_a_character()
    {
        var pieces = Run(s_tokenizer.Encode("😀é日", parseSpecial: false, addBos: false), [], readToolCalls: false);
        Assert.All(pieces, piece => Assert.DoesNotContain('\ufffd', piece.Text));
        Assert.Equal("😀é日", Text(pieces));
    }

    [Fact]
    public void Control_tokens_are_not_text()
    {
        var ids = s_tokenizer.Encode("a<|im_start|>b<|im_end|>", parseSpecial: true, addBos: false);
        Assert.Equal("ab", Text(Run(ids, [], readToolCalls: false)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_call_is_read_whether_its_tags_are_control_tokens_or_not(int tagType)
    {
        var source = TestVocabulary.ByteLevel("qwen2");
        var tokenizer = Tokenizers.Create(source with { TokenTypes = [.. source.TokenTypes!.SkipLast(2), tagType, tagType] });
        const string Written = "Sure.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"é\"}}\n</tool_call>";
        var parser = Parser(tokenizer, [], readToolCalls: true);
        var pieces = new List<OutputPiece>();
        foreach (var id in tokenizer.Encode(Written, parseSpecial: true, addBos: false))
        {
            Assert.True(parser.Accept(id, pieces));
        }
        parser.Finish(pieces);
        Assert.Equal(1, parser.ToolCallCount);
        Assert.Equal("Sure.", Text(pieces.Where(piece => piece.IsText)));
        Assert.Equal("{\"a\": \"é\"}", Text(pieces.Where(piece => !piece.IsText)));
        Assert.Equal("f", Assert.Single(pieces, piece => piece.Name is not null).Name);
    }

    [Fact]
    public void Without_tools_a_call_is_text()
    {
        const string Written = "<tool_call>{\"name\":\"f\"}</tool_call>";
        var pieces = Run(s_tokenizer.Encode(Written, parseSpecial: true, addBos: false), [], readToolCalls: false);
        Assert.Equal(Written, Text(pieces));
        Assert.All(pieces, piece => Assert.True(piece.IsText));
    }

    [Fact]
    public void A_stop_string_inside_a_call_ends_it_there()
    {
        var parser = Parser(s_tokenizer, ["STOP"], readToolCalls: true);
        var pieces = new List<OutputPiece>();
        foreach (var id in s_tokenizer.Encode("<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":\"xSTOPy\"}}", true, false))
        {
            parser.Accept(id, pieces);
        }
        parser.Finish(pieces);
        Assert.True(parser.IsStopped);
        Assert.Equal("{\"a\":\"x", Text(pieces));
    }

    private static OutputParser Parser(ITokenizer tokenizer, string[] stop, bool readToolCalls) =>
        new(new VisibleTokens(tokenizer, readToolCalls ? ToolCallFormat.Hermes.Tags : []), stop, readToolCalls ? new ToolCallReader(ToolCallFormat.Hermes, []) : null);

    private static List<OutputPiece> Run(IEnumerable<int> ids, string[] stop, bool readToolCalls)
    {
        var parser = Parser(s_tokenizer, stop, readToolCalls: readToolCalls);
        var pieces = new List<OutputPiece>();
        foreach (var id in ids)
        {
            parser.Accept(id, pieces);
        }
        parser.Finish(pieces);
        return pieces;
    }

    private static string Text(IEnumerable<OutputPiece> pieces) => string.Concat(pieces.Select(piece => piece.Text));
}
