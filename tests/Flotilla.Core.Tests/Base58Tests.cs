using System.Text;

namespace Flotilla.Core.Tests;

public sealed class Base58Tests
{
    // The examples of draft-msporny-base58-03, section 5.
    [Theory]
    [InlineData("Hello World!", "2NEpo7TZRRrLZSi2U")]
    [InlineData("The quick brown fox jumps over the lazy dog.", "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z")]
    public void Encode_PublishedExample_Agrees(string text, string encoded)
    {
        Assert.Equal(encoded, Base58.Encode(Encoding.ASCII.GetBytes(text)));
        Assert.True(Base58.TryDecode(encoded, out var bytes));
        Assert.Equal(text, Encoding.ASCII.GetString(bytes));
    }

    [Fact]
    public void Encode_PublishedExampleWithLeadingZeros_Agrees()
    {
        Assert.Equal("11233QC4", Base58.Encode([0x00, 0x00, 0x28, 0x7f, 0xb4, 0xcd]));
        Assert.Equal("", Base58.Encode([]));
        Assert.Equal("1111", Base58.Encode(new byte[4]));
    }

    [Fact]
    public void TryDecode_WhatEncodeWrote_GivesTheSameBytes()
    {
        var random = new Random(58);
        for (var length = 0; length <= 64; length++)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            if (length > 2)
                bytes[0] = bytes[1] = 0;
            Assert.True(Base58.TryDecode(Base58.Encode(bytes), out var back));
            Assert.Equal(bytes, back);
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("O")]
    [InlineData("I")]
    [InlineData("l")]
    [InlineData("abc def")]
    [InlineData("é")]
    public void TryDecode_ForeignCharacter_IsRefused(string text) => Assert.False(Base58.TryDecode(text, out _));

    [Fact]
    public void TryDecode_TooLong_IsRefused()
    {
        Assert.True(Base58.TryDecode(new string('z', Base58.TextCharsMax), out _));
        Assert.False(Base58.TryDecode(new string('z', Base58.TextCharsMax + 1), out _));
    }
}
