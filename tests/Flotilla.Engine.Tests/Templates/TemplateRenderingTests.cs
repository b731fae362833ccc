using Flotilla.Engine.Templates;
using Xunit;

namespace Flotilla.Engine.Tests.Templates;

public class TemplateRenderingTests
{
    [Theory]
    [MemberData(nameof(ReferenceRenderings.All), MemberType = typeof(ReferenceRenderings))]
    public void Templates_render_as_Jinja_renders_them(string template, string expected) => Assert.Equal(expected, TestTemplate.Render(template));

    [Theory]
    [InlineData("{{ a b }}", nameof(TemplateError.Syntax), "'b'")]
    [InlineData("{{ (a }}", nameof(TemplateError.Syntax), "'}'")]
    [InlineData("{{ a) }}", nameof(TemplateError.Syntax), "')'")]
    [InlineData("{{ 'a }}", nameof(TemplateError.Syntax), "string is not closed")]
    [InlineData("{{ a", nameof(TemplateError.Syntax), "'}}'")]
    [InlineData("{% if a %}x", nameof(TemplateError.Syntax), "ends inside a block")]
    [InlineData("{% endfor %}", nameof(TemplateError.Syntax), "endfor")]
    [InlineData("{% break %}", nameof(TemplateError.Syntax), "break")]
    [InlineData("{% for x in l %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}", nameof(TemplateError.Syntax), "break")]
    [InlineData("{% raw %}", nameof(TemplateError.Syntax), "raw")]
    [InlineData("{# x", nameof(TemplateError.Syntax), "comment")]
    [InlineData("{{ a ? b }}", nameof(TemplateError.Syntax), "'?'")]
    [InlineData("{{ 999999999999999999999999999999999999999999 }}", nameof(TemplateError.Syntax), "too great")]
    [InlineData("{% include 'x' %}", nameof(TemplateError.Unsupported), "'include'")]
    [InlineData("{{ a|pprint }}", nameof(TemplateError.Unsupported), "'pprint'")]
    [InlineData("{{ a is escaped }}", nameof(TemplateError.Unsupported), "'escaped'")]
    [InlineData("{{ a.b.c }}", nameof(TemplateError.Evaluation), "undefined")]
    [InlineData("{{ u + 1 }}", nameof(TemplateError.Evaluation), "'u', which is undefined")]
    [InlineData("{{ 1/0 }}", nameof(TemplateError.Evaluation), "Division by zero")]
    [InlineData("{{ 2**200 }}", nameof(TemplateError.Evaluation), "too great")]
    [InlineData("{{ 0**-1 }}", nameof(TemplateError.Evaluation), "Division by zero")]
    [InlineData("{{ (-8)**0.5 }}", nameof(TemplateError.Evaluation), "negative number")]
    [InlineData("{{ 1.5**(10**12) }}", nameof(TemplateError.Evaluation), "exponent is too great")]
    [InlineData("{{ l.append(1) }}", nameof(TemplateError.Evaluation), "can't be changed")]
    [InlineData("{{ d.update({}) }}", nameof(TemplateError.Evaluation), "can't be changed")]
    [InlineData("{% set d.x = 1 %}", nameof(TemplateError.Evaluation), "no namespace")]
    [InlineData("{{ 5() }}", nameof(TemplateError.Evaluation), "can't be called")]
    [InlineData("{{ raise_exception('Roles must alternate') }}", nameof(TemplateError.Raised), "Roles must alternate")]
    public void What_can_not_be_rendered_is_refused_by_name(string template, string error, string message)
    {
        var failure = Assert.Throws<TemplateException>(() => TestTemplate.Render(template));
        Assert.Equal(error, failure.Error.ToString());
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_names_its_line()
    {
        Assert.Contains("(line 3 ", Assert.Throws<TemplateException>(() => TestTemplate.Render("a\nb\n{{ c d }}\ne")).Message, StringComparison.Ordinal);
        Assert.Contains("(line 2 ", Assert.Throws<TemplateException>(() => TestTemplate.Render("a\n{{ u.x }}\nc")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ ''.__class__ }}")]
    [InlineData("{{ a.__class__.__mro__ }}")]
    [InlineData("{{ d.GetType() }}")]
    [InlineData("{{ l.__len__ }}")]
    [InlineData("{{ range.__globals__ }}")]
    [InlineData("{{ ''['__class__'] }}")]
    [InlineData("{{ ''|attr('__class__') }}")]
    public void Nothing_outside_the_interpreter_can_be_reached(string template)
    {
        try
        {
            Assert.Equal("", TestTemplate.Render(template));
        }
        catch (TemplateException failure)
        {
            Assert.Equal(TemplateError.Evaluation, failure.Error);
        }
    }
}
