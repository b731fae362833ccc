using System.Text.Json;
using System.Text.RegularExpressions;
using Flotilla.Engine.Forms;
using Xunit;

namespace Flotilla.Engine.Tests.Forms;

/// <summary>Patterns against .NET's own, in its ECMAScript mode where that has the same meaning.</summary>
public sealed class PatternTests
{
    [Theory]
    [InlineData("^a*b?c+$")]
    [InlineData("^(ab|a)(bc|c)?$")]
    [InlineData("^(?:a|b){2,4}$")]
    [InlineData("a.c")]
    [InlineData("^[^abc]+$")]
    [InlineData("^[a-c\\d_-]*$")]
    [InlineData("^\\w+\\s\\W$")]
    [InlineData("^(a|b*)*c$")]
    [InlineData("^a|b$")]
    [InlineData("^(?<word>ab)+?$")]
    [InlineData("^[\\]\\\\\"]{1,2}$")]
    [InlineData("^\\x61\\u0062\\/$")]
    [InlineData("()")]
    [InlineData("^$")]
    public void A_pattern_matches_what_dotnet_matches(string pattern)
    {
        var (form, regex) = (Form.OfPattern(pattern), new Regex(pattern.Replace("\\/", "/"), RegexOptions.ECMAScript | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));
        var random = new Random(9);
        const string Alphabet = "aaabbbccc1_- /\"\\]\n";
        for (var round = 0; round < 3000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(0, 7)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            // .NET's $ also matches before a last line end; ECMAScript's does not.
            if (text.EndsWith('\n'))
                continue;
            Assert.True(regex.IsMatch(text) == form.Accepts(Inside(text)), $"{pattern} on {JsonSerializer.Serialize(text)}");
        }
    }

    [Fact]
    public void Characters_beyond_ASCII_are_one_character_each()
    {
        Assert.True(Form.OfPattern("^.{3}$").Accepts("aé😀"));
        Assert.True(Form.OfPattern("^[α-ω]+$").Accepts("αβω"));
        Assert.False(Form.OfPattern("^[α-ω]+$").Accepts("αβΩ"));
        Assert.True(Form.OfPattern("^[\\u{1F600}-\\u{1F64F}]$").Accepts("😀"));
        Assert.False(Form.OfPattern("^[^😀]$").Accepts("😀"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("(")]
    public void Deep_nesting_is_refused(string inside) => Assert.Throws<FormException>(() => Form.OfPattern(new string('(', 60_000) + inside));

    [Theory]
    [InlineData("(((a{1000}){1000}){1000}){1000}")]
    [InlineData("a{1001}")]
    [InlineData("[a-")]
    [InlineData("a{3,2}")]
    [InlineData("\\")]
    [InlineData("\\u12")]
    [InlineData("[z-a]")]
    [InlineData("^*")]
    [InlineData("^+")]
    [InlineData("a|*b")]
    [InlineData("\\bword")]
    [InlineData("x^y")]
    [InlineData("\\p{L}")]
    public void What_cannot_be_held_is_refused(string pattern) => Assert.Throws<FormException>(() => Form.OfPattern(pattern));

    /// <summary>Found by the fuzz tests: each character made the whole class again, and each repetition its name.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("{1000}")]
    public void A_class_of_many_characters_costs_what_it_is_long(string repeated)
    {
        var characters = string.Concat(Enumerable.Range(0, 1500).Select(index => (char)(0x4E00 + (index * 2))));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var form = Form.OfPattern($"^[{characters}]{repeated}$");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
        Assert.Equal(repeated.Length == 0, form.Accepts("一"));
    }

    [Fact]
    public void Nothing_repeated_without_end_is_nothing() => Assert.True(Form.OfPattern("^((((){1000}){1000}){1000}){1000}$").Accepts(""));

    private static string Inside(string text) => JsonSerializer.Serialize(text, s_plain)[1..^1];

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
