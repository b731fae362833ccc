using Flotilla.Engine.Templates;
using Xunit;

namespace Flotilla.Engine.Tests.Templates;

public class ChatTemplateTests
{
    private static readonly ToolDefinition s_weather = new(
        "get_weather",
        "Tells the \"weather\" <now>",
        """{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","default":3.0}},"required":["city"]}""");

    [Fact]
    public void Tools_are_written_as_models_were_trained_to_read_them()
    {
        const string Expected =
            """
            {"type": "function", "function": {"name": "get_weather", "description": "Tells the \"weather\" <now>", "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 3.0}}, "required": ["city"]}}}
            """;
        Assert.Equal(Expected, Render("{{ tools[0]|tojson }}", [], [s_weather]));
        Assert.Equal(
            """{"type": "function", "function": {"name": "f", "parameters": {}}}""",
            Render("{{ tools[0]|tojson }}", [], [new ToolDefinition("f", null, "{}")]));
    }

    [Fact]
    public void Without_tools_the_template_sees_none() =>
        Assert.Equal("none", Render("{% if tools is none %}none{% endif %}{% if tools %}some{% endif %}", []));

    [Fact]
    public void Arguments_of_earlier_calls_are_a_mapping_where_they_are_an_object_and_text_where_not()
    {
        const string Template = "{% for c in messages[0].tool_calls %}{{ c.id }}:{{ c.function.name }}:{{ c.function.arguments is mapping }}:"
            + "{{ c.function.arguments if c.function.arguments is string else c.function.arguments|tojson }};{% endfor %}";
        var message = new ChatMessage("assistant", null)
        {
            ToolCalls = [new("c1", "f", "{\"a\":1,\"b\":[true,null,1.50,\"é<\"]}"), new("c2", "g", "{broken"), new(null, "h", "[1]")],
        };
        Assert.Equal("""c1:f:True:{"a": 1, "b": [true, null, 1.5, "é<"]};c2:g:False:{broken;:h:False:[1];""", Render(Template, [message]));
    }

    [Fact]
    public void Messages_have_the_fields_they_were_given_and_no_others()
    {
        var tool = new ChatMessage("tool", "42") { ToolCallId = "c1", Name = "f" };
        Assert.Equal("""{"role": "tool", "content": "42", "tool_call_id": "c1", "name": "f"}""", Render("{{ messages[0]|tojson }}", [tool]));
        Assert.Equal("""{"role": "assistant", "content": null}""", Render("{{ messages[0]|tojson }}", [new ChatMessage("assistant", null)]));
    }

    [Fact]
    public void Parameters_that_are_no_JSON_or_too_deep_are_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 60_000)) + "1" + new string('}', 60_000);
        foreach (var parameters in new[] { "{", "", "nonsense", deep, "\"\\ud800\"" })
        {
            var tool = new ToolDefinition("f", null, parameters);
            var failure = Assert.Throws<TemplateException>(() => Render("{{ tools|tojson }}", [], [tool]));
            Assert.Contains("tool 'f'", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Arguments_too_deep_for_a_mapping_are_shown_as_text()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 60_000)) + "1" + new string('}', 60_000);
        var message = new ChatMessage("assistant", null) { ToolCalls = [new("c", "f", deep)] };
        Assert.Equal(deep, Render("{{ messages[0].tool_calls[0].function.arguments }}", [message]));
    }

    [Fact]
    public void Text_of_users_is_data_and_never_template() =>
        Assert.Equal("{{ 7*7 }}{% raw %}", Render("{{ messages[0].content }}", [new ChatMessage("user", "{{ 7*7 }}{% raw %}")]));

    [Fact]
    public void The_prompt_ends_where_the_answer_begins_only_if_asked_to()
    {
        var template = ChatTemplate.Parse("{{ bos_token }}{{ eos_token }}{% if add_generation_prompt %}>{% endif %}");
        Assert.Equal("<s></s>>", template.Render([], [], true, "<s>", "</s>", default, TestContext.Current.CancellationToken));
        Assert.Equal("<s></s>", template.Render([], [], false, "<s>", "</s>", default, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("{% if tools %}{% endif %}", true)]
    [InlineData("{% for m in messages %}{{ m.content }}{% endfor %}", false)]
    public void A_template_says_whether_it_has_a_place_for_tools(string template, bool expected) =>
        Assert.Equal(expected, ChatTemplate.Parse(template).MentionsTools);

    [Theory]
    [InlineData("{{ reasoning_effort|default('own') }}", "low", "low")]
    [InlineData("{{ reasoning_effort|default('own') }}", null, "own")]
    [InlineData("{% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}", "none", "<think></think>")]
    [InlineData("{% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}", "high", "")]
    [InlineData("{% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}", null, "")]
    [InlineData("{% if not thinking is defined %}{% set thinking = false %}{% endif %}{{ thinking }}", "high", "True")]
    [InlineData("{% if not thinking is defined %}{% set thinking = false %}{% endif %}{{ thinking }}", null, "False")]
    public void A_template_is_told_how_much_to_think(string template, string? effort, string expected)
    {
        var parsed = ChatTemplate.Parse(template);
        Assert.True(parsed.TakesEffort);
        Assert.Equal(expected, parsed.Render([], [], true, "", "", new(Effort: effort), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("{{ messages }} enable_thinking {# reasoning_effort #}{{ 'thinking' }}{{ messages.thinking }}")]
    [InlineData("")]
    public void A_template_that_only_speaks_of_thinking_takes_no_effort(string template) => Assert.False(ChatTemplate.Parse(template).TakesEffort);

    private static string Render(string template, ChatMessage[] messages, ToolDefinition[]? tools = null) =>
        ChatTemplate.Parse(template).Render(messages, tools ?? [], true, "", "", default, TestContext.Current.CancellationToken);
}
