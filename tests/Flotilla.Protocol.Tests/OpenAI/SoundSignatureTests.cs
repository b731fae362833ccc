using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class SoundSignatureTests
{
    [Theory]
    [InlineData("524946462400000057415645", "wav")]
    [InlineData("664C61430000002210001000", "flac")]
    [InlineData("4F6767530002000000000000", "ogg")]
    [InlineData("000000206674797069736F6D", "m4a")]
    [InlineData("1A45DFA39F4286810142F781", "webm")]
    [InlineData("494433040000000000000000", "mp3")]
    [InlineData("FFFB90640000000000000000", "mp3")]
    [InlineData("FFF35064C000000000000000", "mp3")]
    [InlineData("FFF15080000000FC00000000", "aac")]
    [InlineData("414449460000000000000000", "aac")]
    [InlineData("FFE000000000000000000000", null)]
    [InlineData("5249464624000000", null)]
    [InlineData("7B226572726F72223A226F6F", null)]
    [InlineData("", null)]
    public void FormatOf_FirstBytes_TellTheFormat(string head, string? format) => Assert.Equal(format, SoundSignature.FormatOf(Convert.FromHexString(head)));

    [Theory]
    [InlineData("FFFB90640000000000000000", "mp3", true)]
    [InlineData("FFFB90640000000000000000", "aac", false)]
    [InlineData("FFF15080000000FC00000000", "mp3", false)]
    [InlineData("494433040000000000000000", "mp3", true)]
    [InlineData("494433040000000000000000", "aac", true)]
    [InlineData("494433040000000000000000", "pcm", false)]
    [InlineData("4F6767530002000000000000", "opus", true)]
    [InlineData("524946462400000057415645", "wav", true)]
    [InlineData("524946462400000057415645", "pcm", false)]
    [InlineData("FFFB90640000000000000000", "pcm", true)]
    [InlineData("0000FFFF", "pcm", true)]
    [InlineData("0000FFFF", "flac", false)]
    public void IsSpeech_FirstBytes_AreHeldAgainstTheFormat(string head, string format, bool fits) =>
        Assert.Equal(fits, SoundSignature.IsSpeech(Convert.FromHexString(head), format));
}
