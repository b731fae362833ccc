using System.Text;
using System.Text.Json;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

/// <summary>Fields that not every model can honour: read, bounded, and noted as needs.</summary>
public sealed class ChatNeedsTests
{
    private const string Tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}},{\"type\":\"function\",\"function\":{\"name\":\"g\"}}]";
    private const string Schema = "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"type\":\"object\"},\"strict\":true}}";

    [Theory]
    [InlineData("\"response_format\":{\"type\":\"text\"}", "")]
    [InlineData("\"response_format\":{\"type\":\"json_object\"}", "json_object@response_format")]
    [InlineData(Schema, "structured_outputs@response_format")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\"}}", "structured_outputs@response_format|json_object")]
    [InlineData("\"reasoning_effort\":\"high\"", "reasoning_effort@reasoning_effort")]
    [InlineData("\"reasoning_effort\":\"medium\"", "")]
    [InlineData("\"prompt_logprobs\":3", "prompt_logprobs@prompt_logprobs")]
    [InlineData(Tools, "tool_use@tools")]
    [InlineData(Tools + ",\"tool_choice\":\"none\"", "")]
    [InlineData(Tools + ",\"parallel_tool_calls\":true", "tool_use@tools")]
    [InlineData(Tools + ",\"parallel_tool_calls\":false", "parallel_tool_calls@parallel_tool_calls,tool_use@tools")]
    [InlineData(Tools + ",\"tool_choice\":\"required\"", "tool_use@tools,tool_choice@tool_choice")]
    [InlineData(Tools + ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"g\"}}", "tool_use@tools,tool_choice@tool_choice")]
    [InlineData("\"functions\":[{\"name\":\"f\"}],\"function_call\":{\"name\":\"f\"}", "tool_use@functions,tool_choice@function_call")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true}}]", "structured_outputs@tools[0].function.strict,tool_use@tools")]
    public void A_field_notes_what_it_needs(string fields, string needs) =>
        Assert.Equal(needs, string.Join(',', Requests.ChatWith(fields).Needs.Select(n => $"{n.Capability}@{n.Param}{(n.Otherwise is { } o ? "|" + o : "")}")));

    [Theory]
    [InlineData("\"response_format\":\"text\"", "response_format", ApiErrorCode.InvalidType)]
    [InlineData("\"response_format\":{}", "response_format.type", ApiErrorCode.MissingField)]
    [InlineData("\"response_format\":{\"type\":\"xml\"}", "response_format.type", ApiErrorCode.InvalidValue)]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema", ApiErrorCode.MissingField)]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{}}", "response_format.json_schema.name", ApiErrorCode.MissingField)]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a b\"}}", "response_format.json_schema.name", ApiErrorCode.InvalidValue)]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":[]}}", "response_format.json_schema.schema", ApiErrorCode.InvalidType)]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"strict\":1}}", "response_format.json_schema.strict", ApiErrorCode.InvalidType)]
    [InlineData("\"reasoning_effort\":\"huge\"", "reasoning_effort", ApiErrorCode.InvalidValue)]
    [InlineData("\"reasoning_effort\":1", "reasoning_effort", ApiErrorCode.InvalidType)]
    [InlineData("\"prompt_logprobs\":21", "prompt_logprobs", ApiErrorCode.InvalidValue)]
    [InlineData("\"prompt_logprobs\":1,\"stream\":true", "prompt_logprobs", ApiErrorCode.InvalidValue)]
    [InlineData("\"parallel_tool_calls\":1", "parallel_tool_calls", ApiErrorCode.InvalidType)]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice", ApiErrorCode.InvalidValue)]
    [InlineData("\"tool_choice\":\"any\"", "tool_choice", ApiErrorCode.InvalidValue)]
    [InlineData("\"tool_choice\":[]", "tool_choice", ApiErrorCode.InvalidType)]
    [InlineData("\"tool_choice\":{}", "tool_choice.type", ApiErrorCode.MissingField)]
    [InlineData("\"tool_choice\":{\"type\":\"custom\",\"custom\":{\"name\":\"f\"}}", "tool_choice.type", ApiErrorCode.UnsupportedField)]
    [InlineData(Tools + ",\"tool_choice\":{\"type\":\"function\"}", "tool_choice.function", ApiErrorCode.MissingField)]
    [InlineData(Tools + ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"h\"}}", "tool_choice", ApiErrorCode.InvalidValue)]
    [InlineData(Tools + ",\"tool_choice\":{\"type\":\"allowed_tools\"}", "tool_choice.allowed_tools", ApiErrorCode.MissingField)]
    [InlineData(Tools + ",\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"auto\"}}", "tool_choice.allowed_tools.tools", ApiErrorCode.MissingField)]
    [InlineData(Tools + ",\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"h\"}}]}}", "tool_choice", ApiErrorCode.InvalidValue)]
    [InlineData("\"functions\":[{\"name\":\"f\"}],\"function_call\":\"required\"", "function_call", ApiErrorCode.InvalidValue)]
    [InlineData("\"functions\":[{\"name\":\"f\"}],\"function_call\":{\"name\":\"h\"}", "function_call", ApiErrorCode.InvalidValue)]
    public void A_field_with_a_wrong_value_is_a_400_that_names_it(string fields, string param, ApiErrorCode code)
    {
        var error = Requests.ChatErrorWith(fields);
        Assert.Equal((param, code), (error.Param, error.Code));
    }

    [Fact]
    public void Tools_that_are_not_allowed_are_not_offered()
    {
        var chat = Requests.ChatWith(Tools + ",\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"required\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"g\"}}]}}").Work.Chat;
        Assert.Equal("g", Assert.Single(chat.Tools).Name);
        Assert.Equal(Chat.Types.ToolChoice.Required, chat.ToolChoice);
    }

    [Fact]
    public void Everything_reaches_an_upstream_as_it_came()
    {
        var request = Requests.Chat($$$"""
            {"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk=","detail":"low"}},
            {"type":"input_audio","input_audio":{"data":"aGk=","format":"wav"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,aGk="}}]}],
            "tools":[{"type":"function","function":{"name":"f","parameters":{},"strict":true}}],"tool_choice":{"type":"function","function":{"name":"f"}},
            "parallel_tool_calls":false,"reasoning_effort":"low",{{{Schema}}}}
            """);
        Assert.Equal(["vision", "audio_input", "file_input"], request.Needs.Take(3).Select(n => n.Capability));
        var written = Encoding.UTF8.GetString(ChatRequestWriter.Write(request.Work, "up", null));
        using (var json = JsonDocument.Parse(written))
        {
            Assert.Equal("data:image/png;base64,aGk=", json.RootElement.GetProperty("messages")[0].GetProperty("content")[1].GetProperty("image_url").GetProperty("url").GetString());
            Assert.True(json.RootElement.GetProperty("response_format").GetProperty("json_schema").GetProperty("strict").GetBoolean());
        }

        Assert.Equal(request.Work, Requests.Chat(written).Work);
    }

    [Fact]
    public void An_image_is_held_for_by_its_pixels_and_not_by_its_bytes()
    {
        var image = Requests.Chat("""{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}}]}]}""");
        Assert.True(image.PromptBytes > OpenAiLimits.PerImageAllowance);
    }

    [Fact]
    public void More_media_than_anybody_decodes_are_refused()
    {
        var parts = string.Join(',', Enumerable.Repeat("""{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}}""", OpenAiLimits.MediaPartsMax + 1));
        var error = Requests.ChatError($$"""{"model":"m","messages":[{"role":"user","content":[{{parts}}]}]}""");
        Assert.Equal($"messages[0].content[{OpenAiLimits.MediaPartsMax}].image_url.url", error.Param);
    }

    [Fact]
    public void The_form_before_tools_is_answered_in_that_form()
    {
        var request = Requests.ChatWith("\"functions\":[{\"name\":\"f\"}]");
        Event[] events = [Answers.Call(0, "f", "{\"a\""), Answers.Call(0, "", ":1}"), Answers.Call(1, "g", "{}"), Answers.Done(ChoiceDone.Types.Finish.ToolCalls)];

        using var whole = JsonDocument.Parse(Answers.Whole(request, events));
        var choice = whole.RootElement.GetProperty("choices")[0];
        Assert.Equal("{\"a\":1}", choice.GetProperty("message").GetProperty("function_call").GetProperty("arguments").GetString());
        Assert.Equal("function_call", choice.GetProperty("finish_reason").GetString());
        Assert.False(choice.GetProperty("message").TryGetProperty("tool_calls", out _));

        var stream = Answers.Stream(request with { Stream = true }, events);
        Assert.Contains("""{"function_call":{"name":"f","arguments":"{\"a\""}}""", stream, StringComparison.Ordinal);
        Assert.Contains("""{"function_call":{"arguments":":1}"}}""", stream, StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"function_call\"", stream, StringComparison.Ordinal);
        Assert.DoesNotContain("tool_calls", stream, StringComparison.Ordinal);
    }
}
