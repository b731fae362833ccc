using System.Text;
using Flotilla.Engine.Text;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Flotilla.Engine.Tests.Text;

public class StopMatcherTests
{
    // Few letters, so that stop strings overlap with themselves and each other.
    private static readonly Gen<string> s_text = Gen.ArrayOf(Gen.Elements('a', 'b', 'c')).Select(units => new string(units));

    [Fact]
    public void The_first_stop_to_be_complete_ends_the_text_at_every_cut() =>
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), Prop.ForAll(s_text.ToArbitrary(), Gen.ListOf(s_text).ToArbitrary(), (text, stops) =>
        {
            var expected = Reference(text, stops.ToArray());
            return Enumerable.Range(0, text.Length + 1).All(cut => Run([text[..cut], text[cut..]], stops.ToArray()) == expected)
                && Run(text.Select(unit => unit.ToString()), stops.ToArray()) == expected;
        }));

    [Fact]
    public void Nothing_delivered_ever_ends_with_the_beginning_of_a_stop_string_that_follows() =>
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), Prop.ForAll(s_text.ToArbitrary(), s_text.Where(stop => stop.Length > 0).ToArbitrary(), (text, stop) =>
        {
            var matcher = new StopMatcher([stop]);
            var output = new StringBuilder();
            foreach (var unit in text + stop)
            {
                matcher.Accept([unit], output);
                if ((text + stop).IndexOf(stop, StringComparison.Ordinal) < output.Length)
                {
                    return false;
                }
            }
            return matcher.IsStopped;
        }));

    [Fact]
    public void Text_is_held_only_while_it_may_become_a_stop_string()
    {
        var matcher = new StopMatcher(["\n\nUser:", "###"]);
        var output = new StringBuilder();
        matcher.Accept("one\n\nU", output);
        Assert.Equal("one", output.ToString());
        matcher.Accept("p##", output);
        Assert.Equal("one\n\nUp", output.ToString());
        matcher.Finish(output);
        Assert.Equal("one\n\nUp##", output.ToString());
        Assert.False(matcher.IsStopped);
    }

    [Fact]
    public void Of_stops_that_are_complete_at_once_the_longest_is_told()
    {
        var matcher = new StopMatcher(["cd", "bcd", "xbcd"]);
        var output = new StringBuilder();
        matcher.Accept("abc", output);
        Assert.Null(matcher.Found);
        matcher.Accept("dcd", output);
        Assert.Equal(("bcd", "a"), (matcher.Found, output.ToString()));
    }

    [Fact]
    public void Empty_stop_strings_are_ignored_and_overlong_ones_refused()
    {
        Assert.Equal(("abc", false), Run(["abc"], ["", ""]));
        var failure = Assert.Throws<ArgumentException>(() => new StopMatcher([new string('x', TextLimits.StopStringCharsMax + 1)]));
        Assert.Contains("at most 4096", failure.Message, StringComparison.Ordinal);
    }

    private static (string Text, bool IsStopped) Run(IEnumerable<string> pieces, string[] stops)
    {
        var matcher = new StopMatcher(stops);
        var output = new StringBuilder();
        foreach (var piece in pieces)
        {
            matcher.Accept(piece, output);
        }
        matcher.Finish(output);
        return (output.ToString(), matcher.IsStopped);
    }

    private static (string Text, bool IsStopped) Reference(string text, string[] stops)
    {
        for (var end = 1; end <= text.Length; end++)
        {
            var found = stops.Where(stop => stop.Length > 0 && text[..end].EndsWith(stop, StringComparison.Ordinal)).ToArray();
            if (found.Length > 0)
            {
                return (text[..(end - found.Max(stop => stop.Length))], true);
            }
        }
        return (text, false);
    }
}
