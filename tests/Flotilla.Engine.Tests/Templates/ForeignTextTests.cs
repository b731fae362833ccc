using Flotilla.Engine.Templates;
using Flotilla.Engine.Tests.Tokenization;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Flotilla.Engine.Tests.Templates;

public class ForeignTextTests
{
    [Fact]
    public void What_is_marked_reads_as_it_was_and_takes_as_much_room() => Check.One(
        Config.QuickThrowOnFailure.WithQuietOnSuccess(true),
        Prop.ForAll(ArbitraryText.Arbitrary, text =>
        {
            var marked = ForeignText.Mark(text);
            return marked.Length == text.Length && ForeignText.Plain(marked) == WithoutLoneSurrogates(text) && ForeignText.AreEqual(marked, ForeignText.Mark(WithoutLoneSurrogates(text)));
        }));

    [Fact]
    public void Every_character_of_control_tokens_in_use_is_marked()
    {
        const string Names = "<|im_start|></s>[INST]<｜end▁of▁sentence｜><start_of_turn>_<EOT>abcXYZ 0189#&*-.:/\n";
        var marked = ForeignText.Mark(Names);
        Assert.All(ForeignText.Places(marked), Assert.True);
    }

    [Fact]
    public void A_text_without_marks_is_left_alone()
    {
        const string Text = "héllo 😀 日本";
        Assert.Equal(Text, ForeignText.Plain(Text));
        Assert.DoesNotContain(true, ForeignText.Places(Text));
        Assert.Equal("HÉLLO 😀 日本", ForeignText.Plain(ForeignText.Change(ForeignText.Mark(Text), plain => plain.ToUpperInvariant())));
        Assert.True(ForeignText.Comparer.Equals(Text, ForeignText.Mark(Text)));
        Assert.Equal(ForeignText.Comparer.GetHashCode(Text), ForeignText.Comparer.GetHashCode(ForeignText.Mark(Text)));
        Assert.False(ForeignText.Comparer.Equals(Text, ForeignText.Mark("other")));
    }

    private static string WithoutLoneSurrogates(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.ToString()));
}
