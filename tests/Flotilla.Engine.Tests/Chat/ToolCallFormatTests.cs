using Flotilla.Engine.Chat;
using Flotilla.Engine.Templates;
using Xunit;

namespace Flotilla.Engine.Tests.Chat;

/// <summary>How the families' templates are told apart, and what they are given.</summary>
public sealed class ToolCallFormatTests
{
    private static readonly ToolDefinition s_tool = new("now", null, """{"type":"object","properties":{}}""");

    [Fact]
    public void Each_familys_template_asks_for_calls_in_its_own_way()
    {
        Assert.All(FamilyTemplates.All, family => Assert.Equal(family.Format, ChatTemplate.Parse(family.Template).ToolCalls?.Name));
        Assert.Equal(ToolCallFormat.All.Select(f => f.Name).Order(), FamilyTemplates.All.Select(f => f.Format).Distinct().Order());
    }

    [Theory]
    [InlineData("{{ messages[0].content }}<tool_call>")]
    [InlineData("{% if tools %}Call them somehow.{% endif %}")]
    public void A_template_without_tools_or_with_another_way_has_none(string template) => Assert.Null(ChatTemplate.Parse(template).ToolCalls);

    [Fact]
    public void A_conversation_with_calls_goes_through_every_template()
    {
        // OpenAI's ids are longer than what Mistral's templates let through.
        var call = new ChatToolCall("call_8fG2Lk0Zq1", "now", """{"zone":"CET"}""");
        foreach (var (template, _) in FamilyTemplates.All)
        {
            var prompt = ChatTemplate.Parse(template).Render(
                [
                    new ChatMessage("user", "What time is it?"),
                    new ChatMessage("assistant", null) { ToolCalls = [call] },
                    new ChatMessage("tool", "noon") { ToolCallId = call.Id },
                ],
                [s_tool], addGenerationPrompt: true, "", "", terms: default, TestContext.Current.CancellationToken);
            Assert.Contains("noon", prompt, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_call_and_its_answer_keep_one_id_and_one_that_fits_is_left_alone()
    {
        Assert.Equal("abcDEF123", Id("abcDEF123"));
        Assert.Matches("^[0-9a-z]{9}$", Id("call_1"));
        Assert.NotEqual(Id("call_1"), Id("call_2"));

        static string Id(string id)
        {
            const string Template = "{% if tools %}[TOOL_CALLS]{% endif %}{{ messages[0].tool_calls[0].id }} {{ messages[1].tool_call_id }}";
            var prompt = ChatTemplate.Parse(Template).Render(
                [new ChatMessage("assistant", null) { ToolCalls = [new ChatToolCall(id, "now", "{}")] }, new ChatMessage("tool", "noon") { ToolCallId = id }],
                [], addGenerationPrompt: true, "", "", terms: default, TestContext.Current.CancellationToken);
            var ids = prompt.Split(' ');
            Assert.Equal(ids[0], ids[1]);
            return ids[0];
        }
    }
}
