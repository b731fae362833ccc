using System.Buffers;
using System.Text;
using System.Text.Json;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class JsonOutTests
{
    [Fact]
    public void WriteJsonString_EveryBmpCharacter_ReadsBackTheSame()
    {
        var text = new string([.. Enumerable.Range(0, 0x10000).Select(i => (char)i).Where(c => !char.IsSurrogate(c))]) + "😀𝄞";
        Assert.Equal(text, JsonDocument.Parse(Written(text)).RootElement.GetString());
    }

    [Fact]
    public void WriteJsonString_WhateverTheText_NoLineEndStandsRaw()
    {
        var written = Encoding.UTF8.GetString(Written("\r\n\u000b\u000c\u001c\u001d\u001e\u0085\u2028\u2029\u007f\u0000"));
        Assert.Equal("\"\\r\\n\\u000b\\f\\u001c\\u001d\\u001e\\u0085\\u2028\\u2029\\u007f\\u0000\"", written);
    }

    [Fact]
    public void WriteJsonString_LoneSurrogate_BecomesTheReplacementCharacter() =>
        Assert.Equal("a\uFFFDb", JsonDocument.Parse(Written("a\ud800b")).RootElement.GetString());

    [Theory]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(20_000)]
    public void WriteJsonString_PairAcrossASlice_StaysWhole(int length)
    {
        var text = new string('x', length) + string.Concat(Enumerable.Repeat("😀\n", length));
        Assert.Equal(text, JsonDocument.Parse(Written(text)).RootElement.GetString());
    }

    [Theory]
    [InlineData(0f, "0")]
    [InlineData(-0.1f, "-0.1")]
    [InlineData(1e-20f, "1E-20")]
    [InlineData(float.MinValue, "-3.4028235E+38")]
    public void WriteJsonNumber_Float_IsTheShortestJson(float value, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteJsonNumber(value);
        Assert.Equal(expected, Encoding.UTF8.GetString(output.WrittenSpan));
        Assert.Equal(value, JsonDocument.Parse(output.WrittenMemory).RootElement.GetSingle());
    }

    private static byte[] Written(string text)
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteJsonString(text);
        return output.WrittenSpan.ToArray();
    }
}
