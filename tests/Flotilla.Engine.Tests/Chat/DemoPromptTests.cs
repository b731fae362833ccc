using Flotilla.Engine.Chat;
using Flotilla.Engine.Models;
using Flotilla.Engine.Tests.Tokenization;
using Xunit;

namespace Flotilla.Engine.Tests.Chat;

/// <summary>The demo model's prompts, byte for byte as the script that trained it writes them.</summary>
public class DemoPromptTests
{
    private const string Tools =
        """
        # Tools

        You may call one or more functions to assist with the user query.

        You are provided with function signatures within <tools></tools> XML tags:
        <tools>
        {"type": "function", "function": {"name": "get_weather", "description": "Tells the weather.", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}
        </tools>

        For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
        <tool_call>
        {"name": <function-name>, "arguments": <args-json-object>}
        </tool_call><|im_end|>

        """;

    private static readonly ToolDefinition s_weather = new(
        "get_weather", "Tells the weather.", """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""");

    private static readonly LoadedModel s_model = LoadedModel.Load(
        Engines.DemoModel, 0, null, CancellationToken.None);

    [Fact]
    public void A_conversation_with_a_system_message() => Check(
        """
        <|im_start|>system
        Be brief.<|im_end|>
        <|im_start|>user
        Hi<|im_end|>
        <|im_start|>assistant
        Hello.<|im_end|>
        <|im_start|>user
        2 + 2?<|im_end|>
        <|im_start|>assistant

        """,
        [],
        new ChatMessage("system", "Be brief."),
        new ChatMessage("user", "Hi"),
        new ChatMessage("assistant", "Hello."),
        new ChatMessage("user", "2 + 2?"));

    [Fact]
    public void Tools_without_a_system_message() => Check(
        $"""
        <|im_start|>system
        {Tools}<|im_start|>user
        Weather in Rome?<|im_end|>
        <|im_start|>assistant

        """,
        [s_weather],
        new ChatMessage("user", "Weather in Rome?"));

    [Fact]
    public void Calls_and_their_answers() => Check(
        $$$"""
        <|im_start|>system
        Be brief.

        {{{Tools}}}<|im_start|>user
        Rome and Zürich?<|im_end|>
        <|im_start|>assistant
        Let me see.
        <tool_call>
        {"name": "get_weather", "arguments": {"city": "Rome"}}
        </tool_call>
        <tool_call>
        {"name": "get_weather", "arguments": {"city": "Zürich"}}
        </tool_call><|im_end|>
        <|im_start|>user
        <tool_response>
        21
        </tool_response>
        <tool_response>
        9
        </tool_response><|im_end|>
        <|im_start|>assistant

        """,
        [s_weather],
        new ChatMessage("system", "Be brief."),
        new ChatMessage("user", "Rome and Zürich?"),
        new ChatMessage("assistant", "Let me see.")
        {
            ToolCalls = [new ChatToolCall("c1", "get_weather", "{\"city\":\"Rome\"}"), new ChatToolCall("c2", "get_weather", "{\"city\": \"Zürich\"}")],
        },
        new ChatMessage("tool", "21") { ToolCallId = "c1" },
        new ChatMessage("tool", "9") { ToolCallId = "c2" });

    [Fact]
    public void What_the_model_writes_is_read_back_as_the_call_that_the_template_wrote()
    {
        const string Written = "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\"}}\n</tool_call>";
        var parser = new OutputParser(new VisibleTokens(s_model.Tokenizer, ToolCallFormat.Hermes.Tags), [], new ToolCallReader(ToolCallFormat.Hermes, []));
        var pieces = new List<OutputPiece>();
        foreach (var id in s_model.Tokenizer.Encode(Written, parseSpecial: true, addBos: false))
        {
            Assert.True(parser.Accept(id, pieces));
        }
        parser.Finish(pieces);
        Assert.All(pieces, piece => Assert.Equal(0, piece.CallIndex));
        Assert.Equal("get_weather", pieces[0].Name);
        Assert.Equal("{\"city\": \"Zürich\"}", string.Concat(pieces.Select(piece => piece.Text)));
    }

    private static void Check(string expected, ToolDefinition[] tools, params ChatMessage[] messages)
    {
        var ids = s_model.Prompts!.Build(messages, tools, terms: default, TestContext.Current.CancellationToken);
        Assert.Equal(expected, TestVocabulary.Decode(s_model.Tokenizer, ids));
        Assert.Equal(expected.Split("<|im_").Length - 1, ids.Count(s_model.Tokenizer.IsControl));
    }
}
