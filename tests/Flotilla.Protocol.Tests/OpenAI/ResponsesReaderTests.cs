using System.Text;
using System.Text.Json;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.OpenAI.Responses;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class ResponsesReaderTests
{
    [Fact]
    public void A_conversation_with_everything_becomes_a_chat()
    {
        var request = Read("""
            {"model":"m","instructions":"be brief","input":[{"role":"user","content":"q"},
            {"type":"reasoning","id":"rs_1","summary":[]},
            {"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"let me","annotations":[]},{"type":"output_text","text":"see"}]},
            {"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{}","status":"completed"},{"type":"function_call","call_id":"c2","name":"g","arguments":"{}"},
            {"type":"function_call_output","call_id":"c1","output":"1"},{"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"2"}]},
            {"role":"user","content":[{"type":"input_text","text":"so?"},{"type":"input_image","image_url":"data:image/png;base64,aGk=","detail":"low"}]}],
            "tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":false}],"tool_choice":{"type":"function","name":"f"},
            "text":{"format":{"type":"json_schema","name":"x","schema":{},"strict":true},"verbosity":"medium"},"reasoning":{"effort":"low","summary":"auto"},
            "max_output_tokens":16,"temperature":0.5,"top_p":0.25,"stream":true,"store":false,"include":["reasoning.encrypted_content"],"metadata":{"a":"b"},"truncation":"disabled"}
            """);
        var chat = request.Work.Chat;
        Assert.Equal(["system", "user", "assistant", "tool", "tool", "user"], chat.Messages.Select(m => m.Role));
        Assert.Equal("let me\nsee", chat.Messages[2].Content);
        Assert.Equal(["c1", "c2"], chat.Messages[2].ToolCalls.Select(c => c.Id));
        Assert.Equal("2", chat.Messages[4].Content);
        Assert.Equal("low", chat.Messages[5].Parts[1].Image.Detail);
        Assert.Equal((Chat.Types.ToolChoice.Named, "f"), (chat.ToolChoice, chat.ToolName));
        Assert.Equal(("x", true, "low"), (chat.ResponseFormat.Name, chat.ResponseFormat.Strict, chat.ReasoningEffort));
        Assert.Equal((16u, true, InferenceEndpoint.Responses), (request.Work.MaxTokens, request.Stream, request.Endpoint));
        Assert.True(request.Work.Extra.IsEmpty);
        Assert.Equal(["vision", "structured_outputs", "reasoning_effort", "tool_use", "tool_choice"], request.Needs.Select(n => n.Capability));
    }

    [Fact]
    public void A_function_in_a_namespace_is_offered_under_both_names_and_its_calls_read_back_so()
    {
        var request = Read("""
            {"model":"m","input":[{"role":"user","content":"q"},{"type":"function_call","call_id":"c","namespace":"crm","name":"find","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"1"}],
            "tools":[{"type":"function","name":"find"},{"type":"namespace","name":"crm","description":"d","tools":[{"type":"function","name":"find","parameters":{},"defer_loading":false}]}],
            "client_metadata":{"installation":"secret"}}
            """);
        Assert.Equal(["find", "crm__find"], request.Work.Chat.Tools.Select(t => t.Name));
        Assert.Equal("crm__find", request.Work.Chat.Messages[1].ToolCalls[0].Name);
        Assert.Equal(new ToolNamespace("crm", "find"), request.Response!.Namespaces["crm__find"]);
        Assert.DoesNotContain("secret", request.Work.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Allowed_tools_are_the_only_ones_offered()
    {
        var chat = Read(Body("""
            "tools":[{"type":"function","name":"f"},{"type":"function","name":"g"}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"g"}]}
            """)).Work.Chat;
        Assert.Equal("g", Assert.Single(chat.Tools).Name);
    }

    [Fact]
    public void What_is_to_be_included_is_asked_for_or_is_there_anyway()
    {
        var asked = Read(Body("\"include\":[\"message.output_text.logprobs\",\"reasoning.encrypted_content\",\"web_search_call.action.sources\"],\"top_logprobs\":3"));
        Assert.Equal((true, 3u), (asked.Work.HasTopLogprobs, asked.Work.TopLogprobs));
        Assert.False(Read(Body("\"include\":[\"file_search_call.results\"],\"top_logprobs\":0")).Work.HasTopLogprobs);
    }

    [Fact]
    public void An_item_that_is_named_alone_takes_its_place_when_it_is_known()
    {
        var request = Read("""
            {"model":"m","instructions":"i","input":[{"role":"user","content":"q"},{"type":"item_reference","id":"fc_1"},{"id":"fc_2"},{"type":"function_call_output","call_id":"c1","output":"1"}]}
            """);
        Assert.Equal([new ItemReference(1, "fc_1"), new ItemReference(2, "fc_2")], request.Response!.References);
        Dictionary<string, ReadOnlyMemory<byte>> items = new() { ["fc_1"] = Call("fc_1", "c1") };

        var (_, error) = ItemReferences.Resolve(Read(Body("\"store\":true") .Replace("\"q\"", "[{\"id\":\"fc_2\"}]", StringComparison.Ordinal)), items);
        Assert.Equal("input[0].id", error!.Param);
        items["fc_2"] = Call("fc_2", "c2");
        var (whole, none) = ItemReferences.Resolve(request, items);

        Assert.Null(none);
        var messages = whole!.Work.Chat.Messages;
        Assert.Equal(["system", "user", "assistant", "tool"], messages.Select(m => m.Role));
        Assert.Equal(["c1", "c2"], messages[2].ToolCalls.Select(c => c.Id));
        using var input = JsonDocument.Parse(whole.Response!.Input);
        Assert.Equal(["fc_1", "fc_2"], input.RootElement.EnumerateArray().Skip(1).Take(2).Select(i => i.GetProperty("id").GetString()));
        Assert.Empty(whole.Response.References);
        Assert.True(whole.PromptBytes > request.PromptBytes);
    }

    private static ReadOnlyMemory<byte> Call(string id, string call) =>
        Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","type":"function_call","call_id":"{{call}}","name":"f","arguments":"{}","status":"completed"}""");

    [Fact]
    public void What_the_answer_repeats_is_one_line_whatever_the_request_looks_like()
    {
        var echo = Encoding.UTF8.GetString(Read(Body("\"instructions\":\"a\u2028b\",\n\"metadata\" : {\r\n \"k\":\"v\" }")).Response!.Echo.Span);
        Assert.DoesNotContain('\n', echo);
        Assert.DoesNotContain('\u2028', echo);
        using var json = JsonDocument.Parse("{\"x\":1" + echo + "}");
        Assert.Equal("a\u2028b", json.RootElement.GetProperty("instructions").GetString());
        Assert.Equal("v", json.RootElement.GetProperty("metadata").GetProperty("k").GetString());
        Assert.Equal("auto", json.RootElement.GetProperty("tool_choice").GetString());
    }

    [Theory]
    [InlineData("{\"model\":\"m\"}", "input", ApiErrorCode.MissingField)]
    [InlineData("{\"input\":\"q\"}", "model", ApiErrorCode.MissingField)]
    [InlineData("{\"input\":7}", "input", ApiErrorCode.InvalidType)]
    [InlineData("{\"input\":[]}", "input", ApiErrorCode.InvalidValue)]
    [InlineData("{\"input\":[7]}", "input[0]", ApiErrorCode.InvalidType)]
    [InlineData("{\"input\":[{\"role\":\"tool\",\"content\":\"q\"}]}", "input[0].role", ApiErrorCode.InvalidValue)]
    [InlineData("{\"input\":[{\"role\":\"user\"}]}", "input[0].content", ApiErrorCode.MissingField)]
    [InlineData("{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"video\"}]}]}", "input[0].content[0].type", ApiErrorCode.InvalidValue)]
    [InlineData("{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"ftp://127.0.0.1/\"}]}]}", "input[0].content[0].image_url", ApiErrorCode.InvalidValue)]
    [InlineData("{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_file\",\"file_url\":\"file:///etc/passwd\"}]}]}", "input[0].content[0].file_url", ApiErrorCode.InvalidValue)]
    [InlineData("{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_file\",\"file_url\":\"https://a.example/\",\"file_data\":\"data:,\"}]}]}", "input[0].content[0].file_url", ApiErrorCode.InvalidRequest)]
    [InlineData("{\"input\":[{\"role\":\"system\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,aGk=\"}]}]}", "input[0].content[0]", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"input\":[{\"type\":\"web_search_call\"}]}", "input[0].type", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"input\":[{\"type\":\"function_call\",\"call_id\":\"1\",\"name\":\"f\"}]}", "input[0].arguments", ApiErrorCode.MissingField)]
    [InlineData("{\"input\":[{\"type\":\"function_call_output\",\"output\":\"1\"}]}", "input[0].call_id", ApiErrorCode.MissingField)]
    [InlineData("{\"input\":\"q\",\"max_output_tokens\":15}", "max_output_tokens", ApiErrorCode.InvalidValue)]
    [InlineData("{\"input\":\"q\",\"max_tokens\":15}", "max_tokens", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"input\":\"q\",\"n\":2}", "n", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"input\":\"q\",\"conversation\":\"conv_1\"}", "conversation", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"input\":\"q\",\"truncation\":\"auto\"}", "truncation", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"input\":\"q\",\"top_logprobs\":2}", "top_logprobs", ApiErrorCode.InvalidValue)]
    [InlineData("{\"input\":\"q\",\"top_logprobs\":21,\"include\":[\"message.output_text.logprobs\"]}", "top_logprobs", ApiErrorCode.InvalidValue)]
    [InlineData("{\"input\":\"q\",\"include\":[\"message.output_text.logprobs\",\"everything\"]}", "include[1]", ApiErrorCode.InvalidValue)]
    [InlineData("{\"input\":[{\"type\":\"item_reference\"}]}", "input[0].id", ApiErrorCode.MissingField)]
    [InlineData("{\"input\":[{\"role\":\"user\",\"content\":\"q\"},{\"id\":\"\"}]}", "input[1].id", ApiErrorCode.InvalidValue)]
    [InlineData("{\"input\":\"q\",\"tools\":[{\"type\":\"web_search\"}]}", "tools[0].type", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"input\":\"q\",\"tools\":[{\"type\":\"function\"}]}", "tools[0].name", ApiErrorCode.MissingField)]
    [InlineData("{\"input\":\"q\",\"tools\":[{\"type\":\"namespace\",\"name\":\"n\"}]}", "tools[0].tools", ApiErrorCode.MissingField)]
    [InlineData("{\"input\":\"q\",\"tools\":[{\"type\":\"namespace\",\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]}]}", "tools[0].name", ApiErrorCode.MissingField)]
    [InlineData("{\"input\":\"q\",\"tools\":[{\"type\":\"namespace\",\"name\":\"n\",\"tools\":[{\"type\":\"custom\",\"name\":\"f\"}]}]}", "tools[0].tools[0].type", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"input\":\"q\",\"tools\":[{\"type\":\"namespace\",\"name\":\"a012345678901234567890123456789012345678901234567890123456789\",\"tools\":[{\"type\":\"function\",\"name\":\"abcdef\"}]}]}", "tools[0].tools[0].name", ApiErrorCode.InvalidValue)]
    [InlineData("{\"input\":\"q\",\"text\":{\"verbosity\":\"low\"}}", "text.verbosity", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"input\":\"q\",\"text\":{\"format\":{\"type\":\"json_schema\"}}}", "text.format.name", ApiErrorCode.MissingField)]
    [InlineData("{\"input\":\"q\",\"reasoning\":{\"effort\":\"huge\"}}", "reasoning.effort", ApiErrorCode.InvalidValue)]
    public void A_wrong_body_is_refused_and_named(string body, string param, ApiErrorCode code)
    {
        var error = ResponsesRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request);
        Assert.Null(request);
        Assert.Equal((param, code), (error!.Param, error.Code));
    }

    private static string Body(string fields) => $$"""{"model":"m","input":"q",{{fields}}}""";

    private static TextInference Read(string body)
    {
        Assert.Null(ResponsesRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request));
        return request!;
    }
}
