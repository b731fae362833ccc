using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class MessageTests
{
    [Fact]
    public void Read_EachRole_IsKept()
    {
        var messages = Read("""
            {"role":"system","content":"s"},{"role":"developer","content":"d","name":"boss"},{"role":"user","content":""},
            {"role":"assistant","content":"a"},{"role":"tool","content":"t","tool_call_id":"call_1"}
            """);
        Message[] expected =
        [
            new() { Role = "system", Content = "s" }, new() { Role = "developer", Content = "d", Name = "boss" }, new() { Role = "user", Content = "" },
            new() { Role = "assistant", Content = "a" }, new() { Role = "tool", Content = "t", ToolCallId = "call_1" },
        ];
        Assert.Equal(expected, messages);
    }

    [Fact]
    public void Read_TextParts_AreJoinedByLineEnds()
    {
        var message = Assert.Single(Read("""{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":""},{"type":"text","text":"b"}]}"""));
        Assert.Equal("a\n\nb", message.Content);
    }

    [Fact]
    public void Read_AssistantAsTheSdkPlaysItBack_KeepsTextAndCalls()
    {
        // What openai-python's model_dump() gives for an earlier answer, and what our own answers hold.
        var message = Assert.Single(Read("""
            {"role":"assistant","content":null,"refusal":null,"annotations":[],"audio":null,"function_call":null,"reasoning_content":"hm",
             "tool_calls":[{"id":"call_1","type":"function","index":0,"function":{"name":"f","arguments":"{\"x\":1}"}}]}
            """));
        Assert.Equal(new Message { Role = "assistant", ToolCalls = { new ToolCall { Id = "call_1", Name = "f", Arguments = "{\"x\":1}" } } }, message);
    }

    [Fact]
    public void Read_Refusal_IsTheAssistantsText()
    {
        Assert.Equal("no", Assert.Single(Read("""{"role":"assistant","content":null,"refusal":"no"}""")).Content);
        Assert.Equal("no", Assert.Single(Read("""{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]}""")).Content);
    }

    [Fact]
    public void Read_FunctionsBeforeTools_AreTranslated()
    {
        var request = Requests.Chat("""
            {"model":"m","functions":[{"name":"f","description":"d","parameters":{"type":"object"}}],"function_call":"none","messages":[
             {"role":"user","content":"q"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
             {"role":"function","name":"f","content":"42"}]}
            """);
        Assert.Equal(new Tool { Name = "f", Description = "d", Parameters = "{\"type\":\"object\"}" }, Assert.Single(request.Work.Chat.Tools));
        Assert.Equal(Chat.Types.ToolChoice.None, request.Work.Chat.ToolChoice);
        Assert.Equal(new ToolCall { Id = "call_1", Name = "f", Arguments = "{}" }, Assert.Single(request.Work.Chat.Messages[1].ToolCalls));
        Assert.Equal(new Message { Role = "tool", ToolCallId = "call_1", Name = "f", Content = "42" }, request.Work.Chat.Messages[2]);
    }

    [Theory]
    [InlineData("5", "messages[0]", ApiErrorCode.InvalidType)]
    [InlineData("{\"content\":\"x\"}", "messages[0].role", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":7,\"content\":\"x\"}", "messages[0].role", ApiErrorCode.InvalidType)]
    [InlineData("{\"role\":\"robot\",\"content\":\"x\"}", "messages[0].role", ApiErrorCode.InvalidValue)]
    [InlineData("{\"role\":\"user\"}", "messages[0].content", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":\"user\",\"content\":null}", "messages[0].content", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":\"assistant\"}", "messages[0].content", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":\"user\",\"content\":5}", "messages[0].content", ApiErrorCode.InvalidType)]
    [InlineData("{\"role\":\"user\",\"content\":{}}", "messages[0].content", ApiErrorCode.InvalidType)]
    [InlineData("{\"role\":\"user\",\"content\":[]}", "messages[0].content", ApiErrorCode.InvalidValue)]
    [InlineData("{\"role\":\"user\",\"content\":[\"x\"]}", "messages[0].content[0]", ApiErrorCode.InvalidType)]
    [InlineData("{\"role\":\"user\",\"content\":[{}]}", "messages[0].content[0].type", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"smell\"}]}", "messages[0].content[0].type", ApiErrorCode.InvalidValue)]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}", "messages[0].content[0].text", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":1}]}", "messages[0].content[0].text", ApiErrorCode.InvalidType)]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"ftp://192.168.0.1/x.png\"}}]}", "messages[0].content[1].image_url.url", ApiErrorCode.InvalidValue)]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}]}", "messages[0].content[0].image_url.url", ApiErrorCode.InvalidValue)]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,%%\"}}]}", "messages[0].content[0].image_url.url", ApiErrorCode.InvalidValue)]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:text/html;base64,aGk=\"}}]}", "messages[0].content[0].image_url.url", ApiErrorCode.InvalidValue)]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":\"data:image/png;base64,aGk=\"}]}", "messages[0].content[0].image_url", ApiErrorCode.InvalidType)]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,aGk=\",\"detail\":\"huge\"}}]}", "messages[0].content[0].image_url.url", ApiErrorCode.InvalidValue)]
    [InlineData("{\"role\":\"system\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,aGk=\"}}]}", "messages[0].content[0]", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}}]}", "messages[0].content[0].file.file_id", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{}}]}", "messages[0].content[0].file.file_data", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"aGk=\",\"format\":\"ogg\"}}]}", "messages[0].content[0].input_audio.format", ApiErrorCode.InvalidValue)]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\",\"input_audio\":{}}]}", "messages[0].content[0].input_audio.data", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":\"user\",\"content\":\"x\",\"name\":5}", "messages[0].name", ApiErrorCode.InvalidType)]
    [InlineData("{\"role\":\"assistant\",\"content\":\"x\",\"audio\":{\"id\":\"a\"}}", "messages[0].audio", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"role\":\"tool\",\"content\":\"x\"}", "messages[0].tool_call_id", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":\"tool\",\"content\":\"x\",\"tool_call_id\":\"\"}", "messages[0].tool_call_id", ApiErrorCode.InvalidValue)]
    [InlineData("{\"role\":\"function\",\"content\":\"x\",\"name\":\"f\"}", "messages[0]", ApiErrorCode.InvalidRequest)]
    [InlineData("{\"role\":\"function\",\"content\":\"x\"}", "messages[0].name", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":\"assistant\",\"tool_calls\":{}}", "messages[0].tool_calls", ApiErrorCode.InvalidType)]
    [InlineData("{\"role\":\"assistant\",\"tool_calls\":[]}", "messages[0].content", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":\"assistant\",\"tool_calls\":[1]}", "messages[0].tool_calls[0]", ApiErrorCode.InvalidType)]
    [InlineData("{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{}}]}", "messages[0].tool_calls[0].id", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\"}]}", "messages[0].tool_calls[0].function", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"custom\",\"custom\":{}}]}", "messages[0].tool_calls[0].type", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"function\":{\"arguments\":\"{}\"}}]}", "messages[0].tool_calls[0].function.name", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":\"f\"}}]}", "messages[0].tool_calls[0].function.arguments", ApiErrorCode.MissingField)]
    [InlineData("{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":{}}}]}", "messages[0].tool_calls[0].function.arguments", ApiErrorCode.InvalidType)]
    public void Read_BadMessage_NamesThePlace(string message, string param, ApiErrorCode code)
    {
        var error = Requests.ChatError($"{{\"model\":\"m\",\"messages\":[{message}]}}");
        Assert.Equal(code, error.Code);
        Assert.Equal(param, error.Param);
    }

    [Fact]
    public void Read_ImagesElsewhere_AreNotedWithTheirPlaces()
    {
        var request = Requests.Chat("""{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"HTTPS://a.example/1.png"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}}]}]}""");

        Assert.Equal([new RemoteFile("HTTPS://a.example/1.png", "messages[0].content[0].image_url.url", RemoteKind.Image)], request.RemoteFiles);
        Assert.Equal(["HTTPS://a.example/1.png", "data:image/png;base64,aGk="], request.Images.Select(i => i.Url));
    }

    [Fact]
    public void Read_Tools_AreKeptWithTheirSchemasText()
    {
        var request = Requests.ChatWith("""
            "tools":[{"type":"function","function":{"name":"get_weather-2","description":"d","strict":false,"parameters":{"type":"object", "properties":{"c":{"type":"string"}}}}},
                     {"type":"function","function":{"name":"now"}}],"tool_choice":"auto","parallel_tool_calls":true
            """);
        Tool[] expected =
        [
            new() { Name = "get_weather-2", Description = "d", Parameters = """{"type":"object", "properties":{"c":{"type":"string"}}}""" },
            new() { Name = "now", Parameters = "{}" },
        ];
        Assert.Equal(expected, request.Work.Chat.Tools);
    }

    [Theory]
    [InlineData("7", "tools[0]", ApiErrorCode.InvalidType)]
    [InlineData("{}", "tools[0].type", ApiErrorCode.MissingField)]
    [InlineData("{\"type\":\"function\"}", "tools[0].function", ApiErrorCode.MissingField)]
    [InlineData("{\"type\":\"function\",\"function\":[]}", "tools[0].function", ApiErrorCode.InvalidType)]
    [InlineData("{\"type\":\"function\",\"function\":{}}", "tools[0].function.name", ApiErrorCode.MissingField)]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"\"}}", "tools[0].function.name", ApiErrorCode.InvalidValue)]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"a b\"}}", "tools[0].function.name", ApiErrorCode.InvalidValue)]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"é\"}}", "tools[0].function.name", ApiErrorCode.InvalidValue)]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":5}}", "tools[0].function.description", ApiErrorCode.InvalidType)]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":[]}}", "tools[0].function.parameters", ApiErrorCode.InvalidType)]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"f\"}},{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", "tools[1].function.name", ApiErrorCode.InvalidValue)]
    public void Read_BadTool_NamesThePlace(string tools, string param, ApiErrorCode code)
    {
        var error = Requests.ChatErrorWith($"\"tools\":[{tools}]");
        Assert.Equal(code, error.Code);
        Assert.Equal(param, error.Param);
    }

    [Fact]
    public void Read_ToolBounds_AreExact()
    {
        AssertBound(OpenAiLimits.ToolsMax, n => $"\"tools\":[{string.Join(',', Enumerable.Range(0, n).Select(i => Tool($"f{i}", "{}")))}]");
        AssertBound(OpenAiLimits.NameCharsMax, n => $"\"tools\":[{Tool(new string('f', n), "{}")}]");
        AssertBound(OpenAiLimits.SchemaBytesMax, n => $"\"tools\":[{Tool("f", $"{{\"x\":\"{new string('x', n - "{'x':''}".Length)}\"}}")}]");
        // The schema's own object is the first level.
        AssertBound(OpenAiLimits.SchemaDepthMax, n => $"\"tools\":[{Tool("f", string.Concat(Enumerable.Repeat("{\"x\":", n)) + "1" + new string('}', n))}]");
    }

    [Fact]
    public void PromptBytes_IsAboveEveryTemplate()
    {
        // Qwen3's template spends 550 bytes on tools and 5 tokens on a message.
        var plain = Requests.ChatWith("").PromptBytes;
        Assert.InRange(plain, "user".Length + "hi".Length + 5, 200);
        Assert.InRange(Requests.ChatWith("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]").PromptBytes, plain + 600, plain + 1300);
        var euros = Requests.Chat("""{"model":"m","messages":[{"role":"user","content":"€€"}]}""").PromptBytes;
        Assert.Equal(plain + 4, euros);
    }

    private static void AssertBound(int max, Func<int, string> fields)
    {
        Requests.ChatWith(fields(max));
        Assert.NotNull(Requests.ChatErrorWith(fields(max + 1)));
    }

    private static string Tool(string name, string schema) => $"{{\"type\":\"function\",\"function\":{{\"name\":\"{name}\",\"parameters\":{schema}}}}}";

    private static List<Message> Read(string messages) => [.. Requests.Chat($"{{\"model\":\"m\",\"messages\":[{messages}]}}").Work.Chat.Messages];
}
