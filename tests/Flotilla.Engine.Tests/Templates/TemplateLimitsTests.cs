using System.Diagnostics;
using Flotilla.Engine.Templates;
using Xunit;

namespace Flotilla.Engine.Tests.Templates;

public class TemplateLimitsTests
{
    private const string LongText = "{% set s = 'x' * 4000000 %}";

    /// <summary>Templates that would run for ever, fill the memory or the stack, by what they are.</summary>
    public static TheoryData<string, string> Bombs { get; } = new()
    {
        { "a loop of 10^9", "{% for i in range(10**9) %}{% endfor %}" },
        { "a list of 10^9", "{{ range(1000000000)|length }}" },
        { "nested loops", "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}" },
        { "a text repeated", "{{ 'x' * 10**12 }}" },
        { "a list repeated", "{{ ([1] * 10**12)|length }}" },
        { "an empty text repeated", "{{ '' * 10**30 }}{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}" },
        { "a text doubled", "{% set n = namespace(s='xxxxxxxxxxxxxxxx') %}{% for i in range(100) %}{% set n.s = n.s + n.s %}{% endfor %}" },
        { "a list doubled", "{% set n = namespace(s=[1]) %}{% for i in range(100) %}{% set n.s = n.s + n.s %}{% endfor %}" },
        { "a text joined", "{% set s = 'x' * 4000000 %}{{ [s, s, s]|join(s) }}" },
        { "a text replaced", "{{ ('x' * 1000000)|replace('x', 'y' * 1000000) }}" },
        { "a billion laughs", "{% set n = namespace(s=['ha']) %}{% for i in range(40) %}{% set n.s = [n.s, n.s, n.s] %}{% endfor %}{{ n.s|tojson }}" },
        { "a billion laughs as text", "{% set n = namespace(s=['ha']) %}{% for i in range(40) %}{% set n.s = [n.s, n.s, n.s] %}{% endfor %}{{ n.s }}" },
        { "a billion laughs compared", "{% set n = namespace(s=['ha']) %}{% for i in range(40) %}{% set n.s = [n.s, n.s, n.s] %}{% endfor %}{{ n.s == n.s }}" },
        { "long texts compared", LongText + "{% set t = s ~ 'y' %}{% set s = s ~ 'y' %}{% for i in range(99999) %}{{ s == t }}{{ s < t }}{% endfor %}" },
        { "long texts folded", LongText + "{% for i in range(99999) %}{{ [s, 'a']|min|length }}{{ [s, 'a']|sort|length }}{{ [s, 'a']|unique|list|length }}{% endfor %}" },
        { "a long key", LongText + "{% for i in range(99999) %}{{ d[s] }}{{ d.get(s) }}{{ s in d }}{% endfor %}" },
        { "a long name", "{% for i in range(99999) %}{{ " + new string('a', 500_000) + " }}{% endfor %}" },
        { "a long number", LongText + "{% for i in range(99999) %}{{ s|int }}{{ s|float }}{% endfor %}" },
        { "a long text asked after", LongText + "{% for i in range(99999) %}{{ s is lower }}{{ s[0] }}{{ s[1:] }}{{ s.find('y') }}{% endfor %}" },
        { "a long time format", "{{ strftime_now('%A' * 1000000) }}" },
        { "many arguments", "{% macro m(" + string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"a{i}")) + ") %}{% endmacro %}{{ m("
            + string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"a{i}=1")) + ") }}" },
        { "output without end", "{% set s = 'x' * 100000 %}{% for i in range(1000) %}{{ s }}{% endfor %}" },
        { "a macro that calls itself", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}" },
        { "macros that call each other", "{% macro a(f) %}{{ f(f) }}{% endmacro %}{% macro b(f) %}{{ a(f) }}{% endmacro %}{{ a(b) }}" },
        { "a caller that calls itself", "{% macro m() %}{{ caller() }}{% endmacro %}{% macro r() %}{% call m() %}{{ r() }}{% endcall %}{% endmacro %}{{ r() }}" },
        { "a value nested by a loop", "{% set n = namespace(s=1) %}{% for i in range(50000) %}{% set n.s = [n.s] %}{% endfor %}{{ n.s|tojson }}" },
        { "two such values compared", "{% set n = namespace(s=1) %}{% for i in range(50000) %}{% set n.s = [n.s] %}{% endfor %}{{ n.s == [[1]] or n.s < n.s }}" },
        { "parentheses", "{{ " + new string('(', 60_000) + "1" + new string(')', 60_000) + " }}" },
        { "unclosed parentheses", "{{ " + new string('(', 60_000) },
        { "lists", "{{ " + new string('[', 60_000) + new string(']', 60_000) + " }}" },
        { "mappings", "{{ " + string.Concat(Enumerable.Repeat("{'a':", 60_000)) + "1" + new string('}', 60_000) + " }}" },
        { "ifs", string.Concat(Enumerable.Repeat("{% if true %}", 60_000)) + string.Concat(Enumerable.Repeat("{% endif %}", 60_000)) },
        { "fors", string.Concat(Enumerable.Repeat("{% for i in [1] %}", 60_000)) },
        { "nots", "{{ " + string.Concat(Enumerable.Repeat("not ", 60_000)) + "1 }}" },
        { "signs", "{{ " + new string('-', 60_000) + "1 }}" },
        { "elses", "{{ " + string.Concat(Enumerable.Repeat("1 if 0 else ", 60_000)) + "1 }}" },
        { "calls", "{{ " + string.Concat(Enumerable.Repeat("range(", 60_000)) + "1" + new string(')', 60_000) + " }}" },
        { "subscripts", "{{ " + string.Concat(Enumerable.Repeat("l[", 60_000)) + "1" + new string(']', 60_000) + " }}" },
        { "tests", "{{ 1" + string.Concat(Enumerable.Repeat(" is in [", 60_000)) + " }}" },
        { "macros", string.Concat(Enumerable.Repeat("{% macro m() %}", 60_000)) },
        { "filter arguments", "{{ 1" + string.Concat(Enumerable.Repeat("|default(1", 60_000)) + new string(')', 60_000) + " }}" },
    };

    /// <summary>Long, but not deep.</summary>
    public static TheoryData<string, string> Long { get; } = new()
    {
        { "{{ " + string.Join(" + ", Enumerable.Repeat("1", 60_000)) + " }}", "60000" },
        { "{{ " + string.Join(" and ", Enumerable.Repeat("1", 60_000)) + " }}", "1" },
        { "{{ " + string.Join(" < ", Enumerable.Range(1, 10_000)) + " }}", "True" },
        { "{{ 'a'" + string.Concat(Enumerable.Repeat("|upper", 60_000)) + " }}", "A" },
        { "{{ l" + string.Concat(Enumerable.Repeat("[:]", 20_000)) + "[0] }}", "3" },
        { "{% if 0 %}" + string.Concat(Enumerable.Repeat("{% elif 0 %}", 60_000)) + "{% else %}x{% endif %}", "x" },
        { "{{ " + string.Concat(Enumerable.Repeat("'a' ", 60_000)) + "|length }}", "60000" },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_bomb_ends_as_an_exception_on_a_small_stack(string what, string template)
    {
        var clock = Stopwatch.StartNew();
        var failure = SmallStack.Run(() => Assert.Throws<TemplateException>(() => TestTemplate.Render(template)));
        Assert.True(failure.Error is TemplateError.LimitExceeded or TemplateError.Evaluation or TemplateError.Syntax, what);
        Assert.False(failure.Error is TemplateError.Syntax && !what.StartsWith("unclosed", StringComparison.Ordinal) && what != "tests", failure.Message);
        // What the limits let through takes about a second at worst; what they fail to see takes minutes.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Theory]
    [MemberData(nameof(Long))]
    public void What_is_long_but_not_deep_is_rendered_on_a_small_stack(string template, string expected) =>
        Assert.Equal(expected, SmallStack.Run(() => TestTemplate.Render(template)));

    [Fact]
    public void Nesting_just_within_the_limit_is_evaluated_on_a_small_stack()
    {
        const int Depth = TextLimits.TemplateDepthMax - 3;
        var parentheses = "{{ " + new string('(', Depth) + "1" + new string(')', Depth) + " }}";
        Assert.Equal("1", SmallStack.Run(() => TestTemplate.Render(parentheses)));
        var mixed = "{{ " + string.Concat(Enumerable.Repeat("(1 + 0 * ", 40)) + "1" + new string(')', 40) + " }}";
        Assert.Equal("1", SmallStack.Run(() => TestTemplate.Render(mixed)));
        var ifs = string.Concat(Enumerable.Repeat("{% if true %}", 60)) + "x" + string.Concat(Enumerable.Repeat("{% endif %}", 60));
        Assert.Equal("x", SmallStack.Run(() => TestTemplate.Render(ifs)));
        const string Recursion = "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{% else %}x{% endif %}{% endmacro %}{{ m(20) }}";
        Assert.Equal("x", SmallStack.Run(() => TestTemplate.Render(Recursion)));
    }

    [Fact]
    public void A_limit_names_itself()
    {
        var failure = Assert.Throws<TemplateException>(() => TestTemplate.Render("{{ 'x' * 5000000 }}"));
        Assert.Equal(TemplateError.LimitExceeded, failure.Error);
        Assert.Contains("5000000 characters; at most 4194304", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_is_too_long_is_not_read()
    {
        var failure = Assert.Throws<TemplateException>(() => ChatTemplate.Parse(new string('x', TextLimits.TemplateCharsMax + 1)));
        Assert.Equal(TemplateError.LimitExceeded, failure.Error);
    }

    [Fact]
    public void Cancellation_ends_a_rendering()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var template = ChatTemplate.Parse("{% for i in range(90000) %}{% endfor %}");
        Assert.Throws<OperationCanceledException>(() => template.Render([], [], true, "", "", default, cancelled.Token));
    }
}
