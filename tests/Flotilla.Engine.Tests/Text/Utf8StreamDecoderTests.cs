using System.Text;
using Flotilla.Engine.Text;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Flotilla.Engine.Tests.Text;

public class Utf8StreamDecoderTests
{
    private static readonly Gen<byte[]> s_bytes = Gen.ArrayOf(Gen.Frequency(
        (3, Gen.Elements("aé日😀\n".EnumerateRunes().Select(rune => Encoding.UTF8.GetBytes(rune.ToString())).ToArray())),
        (1, Gen.Choose(0, 255).Select(value => new[] { (byte)value })))).Select(parts => parts.SelectMany(part => part).ToArray());

    [Fact]
    public void However_the_bytes_are_cut_the_text_is_the_same() =>
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), Prop.ForAll(s_bytes.ToArbitrary(), Gen.ListOf(Gen.Choose(1, 5)).ToArbitrary(), (bytes, cuts) =>
        {
            var decoder = new Utf8StreamDecoder();
            var text = new StringBuilder();
            var at = 0;
            foreach (var cut in cuts.Concat(Enumerable.Repeat(1, bytes.Length)))
            {
                var end = Math.Min(at + cut, bytes.Length);
                text.Append(decoder.Decode(bytes.AsSpan(at..end)));
                at = end;
            }
            return text.Append(decoder.Finish()).ToString() == Encoding.UTF8.GetString(bytes);
        }));

    [Fact]
    public void A_character_is_delivered_with_its_last_byte_and_not_before()
    {
        var decoder = new Utf8StreamDecoder();
        var emoji = Encoding.UTF8.GetBytes("😀");
        Assert.Equal(["", "", "", "😀"], emoji.Select(value => decoder.Decode([value]).ToString()));
    }

    [Fact]
    public void A_character_cut_short_at_the_end_is_a_replacement_character()
    {
        var decoder = new Utf8StreamDecoder();
        Assert.Equal("a", decoder.Decode([(byte)'a', 0xF0, 0x9F]).ToString());
        Assert.Equal("\ufffd", decoder.Finish().ToString());
        Assert.Equal("", decoder.Finish().ToString());
    }
}
