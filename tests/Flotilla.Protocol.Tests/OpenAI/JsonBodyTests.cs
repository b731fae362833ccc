using System.Text;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class JsonBodyTests
{
    [Theory]
    [InlineData("", "empty")]
    [InlineData("   ", "not valid JSON")]
    [InlineData("hello", "line 1, byte 1")]
    [InlineData("{\"model\":\n  oops}", "line 2, byte 3")]
    [InlineData("{\"model\":\"m\"", "not valid JSON")]
    [InlineData("{\"temperature\":NaN}", "not valid JSON")]
    [InlineData("{\"temperature\":Infinity}", "not valid JSON")]
    [InlineData("{\"temperature\":-}", "not valid JSON")]
    [InlineData("{\"n\":01}", "not valid JSON")]
    [InlineData("{'model':1}", "not valid JSON")]
    [InlineData("{\"n\":1,}", "not valid JSON")]
    [InlineData("{\"n\":1}{}", "not valid JSON")]
    [InlineData("{\"n\":1}//", "not valid JSON")]
    [InlineData("{\"user\":\"\u0001\"}", "not valid JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("null", "must be a JSON object")]
    [InlineData("3", "must be a JSON object")]
    [InlineData("\uFEFF{}", "byte order mark")]
    [InlineData("{\"model\":\"m\",\"model\":\"n\"}", "same key twice")]
    [InlineData("{\"model\":\"m\",\"\\u006dodel\":\"n\"}", "same key twice")]
    [InlineData("{\"metadata\":{\"a\":\"1\",\"a\":\"2\"}}", "same key twice")]
    [InlineData("{\"unknown\":[{\"a\":1,\"a\":1}]}", "same key twice")]
    [InlineData("{\"user\":\"\\ud800\"}", "surrogate")]
    [InlineData("{\"user\":\"\\udc00\"}", "surrogate")]
    [InlineData("{\"user\":\"\\ud83dx\"}", "surrogate")]
    [InlineData("{\"user\":\"\\ud83d\\ud83d\"}", "surrogate")]
    [InlineData("{\"\\uDBFF\":1}", "surrogate")]
    [InlineData("{\"unknown\":{\"\\ud800\":\"x\"}}", "surrogate")]
    public void Read_BodyThatIsNoJsonObject_SaysWhy(string body, string reason)
    {
        var error = Requests.ChatError(body);
        Assert.Equal(ApiErrorCode.InvalidJson, error.Code);
        Assert.Equal(400, error.Status);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d })]
    [InlineData(new byte[] { 0x7b, 0x22, 0xc0, 0x80, 0x22, 0x3a, 0x31, 0x7d })]
    [InlineData(new byte[] { 0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d })]
    public void Read_BadUtf8_IsRefused(byte[] body)
    {
        var error = ChatRequestReader.TryRead(body, out _);
        Assert.Equal(ApiErrorCode.InvalidJson, error!.Code);
        Assert.Contains("UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    public void Read_NestedSixtyThousandDeep_IsRefusedQuickly(string open)
    {
        var body = "{\"x\":" + string.Concat(Enumerable.Repeat(open, 60_000));
        var error = Requests.ChatError(body);
        Assert.Equal(ApiErrorCode.InvalidJson, error.Code);
        Assert.Contains("deeper than 64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NestingAtTheLimit_IsRead()
    {
        var inside = OpenAiLimits.JsonDepthMax - 1;
        var request = Requests.ChatWith($"\"x\":{new string('[', inside)}{new string(']', inside)}");
        Assert.Equal(2 * inside + "{\"x\":}".Length, request.Work.Extra.Length);
        var error = Requests.ChatErrorWith($"\"x\":{new string('[', inside + 1)}{new string(']', inside + 1)}");
        Assert.Contains("deeper than 64", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\\ud83d\\ude00", "😀")]
    [InlineData("\\\\ud800", "\\ud800")]
    [InlineData("a\\u0000b", "a\0b")]
    [InlineData("\\\"\\/\\u00e9", "\"/é")]
    public void Read_EscapesThatAreWhole_AreRead(string escaped, string text) =>
        Assert.Equal(text, Requests.ChatWith($"\"user\":\"{escaped}\"").User);

    [Fact]
    public void Read_MoreValuesThanAreKept_IsRefusedBeforeParsing()
    {
        var body = new StringBuilder("{\"model\":\"m\",\"prompt\":[1");
        for (var i = 0; i < OpenAiLimits.JsonValuesMax; i++)
            body.Append(",1");
        var error = Requests.CompletionError(body.Append("]}").ToString());
        Assert.Equal(ApiErrorCode.InvalidJson, error.Code);
        Assert.Contains("1048576 JSON values", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LongBodyOfFewValues_IsRead()
    {
        var text = new string('x', 2 * OpenAiLimits.UncountedBytesMax);
        Assert.Equal(text, Requests.Chat($$"""{"model":"m","messages":[{"role":"user","content":"{{text}}"}]}""").Work.Chat.Messages[0].Content);
    }
}
