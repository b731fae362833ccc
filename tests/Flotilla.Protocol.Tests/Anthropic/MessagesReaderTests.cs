using System.Text;
using Flotilla.Protocol.Anthropic;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.Anthropic;

public sealed class MessagesReaderTests
{
    [Fact]
    public void A_conversation_with_everything_becomes_a_chat()
    {
        var request = Read("""
            {"model":"m","max_tokens":9,"system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"text","text":"b"}],
            "messages":[{"role":"user","content":"q"},
            {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"let me see"},{"type":"tool_use","id":"toolu_1","name":"f","input":{"x":1}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"21"}],"is_error":true},{"type":"text","text":"so?"},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}]}],
            "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},
            "stop_sequences":["x"],"temperature":0.5,"top_p":0.25,"top_k":3,"stream":true,"metadata":{"user_id":"u"},"thinking":{"type":"enabled","budget_tokens":1024}}
            """);
        var chat = request.Work.Chat;
        Assert.Equal(["system", "user", "assistant", "tool", "user"], chat.Messages.Select(m => m.Role));
        Assert.Equal("a\nb", chat.Messages[0].Content);
        Assert.Equal("let me see", chat.Messages[2].Content);
        Assert.Equal(new ToolCall { Id = "toolu_1", Name = "f", Arguments = "{\"x\":1}" }, Assert.Single(chat.Messages[2].ToolCalls));
        Assert.Equal(("toolu_1", "Error: 21"), (chat.Messages[3].ToolCallId, chat.Messages[3].Content));
        Assert.Equal("data:image/png;base64,aGk=", chat.Messages[4].Parts[1].Image.Url);
        Assert.Equal((Chat.Types.ToolChoice.Named, "f", false), (chat.ToolChoice, chat.ToolName, chat.ParallelToolCalls));
        Assert.Equal("{\"type\":\"object\"}", Assert.Single(chat.Tools).Parameters);
        Assert.Equal((9u, true, "u", InferenceEndpoint.Messages), (request.Work.MaxTokens, request.Stream, request.User, request.Endpoint));
        Assert.Equal(["x"], request.Work.Stop);
        Assert.Equal((0.5f, 0.25f, 3u), (request.Work.Sampling.Temperature, request.Work.Sampling.TopP, request.Work.Sampling.TopK));
        Assert.Equal("low", chat.ReasoningEffort);
        Assert.Equal(["vision", "parallel_tool_calls", "tool_use", "tool_choice", "reasoning_effort"], request.Needs.Select(n => n.Capability));
    }

    [Theory]
    [InlineData("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2047}", "low", true)]
    [InlineData("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2048}", "medium", true)]
    [InlineData("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":4096}", "high", true)]
    [InlineData("\"thinking\":{\"type\":\"disabled\"}", "none", true)]
    [InlineData("\"thinking\":{\"type\":\"adaptive\",\"display\":\"summarized\"}", "", null)]
    [InlineData("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":4096},\"output_config\":{\"effort\":\"medium\"}", "medium", false)]
    [InlineData("\"output_config\":{\"effort\":\"low\"},\"thinking\":{\"type\":\"disabled\"}", "low", false)]
    public void How_much_to_think_is_an_effort_and_thinking_alone_no_condition(string fields, string effort, bool? isWish)
    {
        var request = Read(Body(fields));
        Assert.Equal(effort, request.Work.Chat.ReasoningEffort);
        var need = request.Needs.Where(n => n.Capability == Capability.ReasoningEffort).Select(n => (bool?)(n.Otherwise is not null)).SingleOrDefault();
        Assert.Equal(isWish, need);
    }

    [Fact]
    public void What_a_tool_shows_comes_with_what_the_user_says_after_all_results()
    {
        var request = Read("""
            {"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},
            {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}},{"type":"tool_use","id":"t2","name":"f","input":{}}]},
            {"role":"user","content":[
            {"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"seen"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}]},
            {"type":"tool_result","tool_use_id":"t2","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"read"}}]},
            {"type":"text","text":"so?"}]}]}
            """);
        Assert.Equal(["user", "assistant", "tool", "tool", "user"], request.Work.Chat.Messages.Select(m => m.Role));
        Assert.Equal(("seen", "read"), (request.Work.Chat.Messages[2].Content, request.Work.Chat.Messages[3].Content));
        var parts = request.Work.Chat.Messages[4].Parts;
        Assert.Equal(("data:image/png;base64,aGk=", "so?"), (parts[0].Image.Url, parts[1].Text));
        Assert.Equal("vision", Assert.Single(request.Needs).Capability);
    }

    [Fact]
    public void A_count_needs_no_bound_of_the_answer()
    {
        Assert.Null(MessagesRequestReader.TryReadCount("""{"model":"m","messages":[{"role":"user","content":"q"}]}"""u8.ToArray(), out var request));
        Assert.False(request!.MaxTokensGiven);
    }

    [Fact]
    public void A_form_for_the_output_is_a_strict_schema()
    {
        var request = Read(Body("\"output_config\":{\"effort\":\"low\",\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\"}}}"));
        Assert.True(request.Work.Chat.ResponseFormat.Strict);
        Assert.Equal("low", request.Work.Chat.ReasoningEffort);
    }

    [Fact]
    public void What_Anthropic_allows_beyond_OpenAI_is_served()
    {
        var name = new string('f', 128);
        var stops = string.Join(',', Enumerable.Range(0, 5).Select(i => $"\"s{i}\""));
        var request = Read(Body($$$"""
            "tools":[{"name":"{{{name}}}","input_schema":{}}],"tool_choice":{"type":"tool","name":"{{{name}}}"},"stop_sequences":[{{{stops}}}],"output_config":{"effort":"high"}
            """));
        Assert.Equal(name, Assert.Single(request.Work.Chat.Tools).Name);
        Assert.Equal(5, request.Work.Stop.Count);
        Assert.Equal("", request.Work.Chat.ReasoningEffort);
        Assert.DoesNotContain(request.Needs, n => n.Capability == Capability.ReasoningEffort);
    }

    [Theory]
    [InlineData("{}", "model", ApiErrorCode.MissingField)]
    [InlineData("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}", "max_tokens", ApiErrorCode.MissingField)]
    [InlineData("{\"model\":\"m\",\"max_tokens\":0,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}", "max_tokens", ApiErrorCode.InvalidValue)]
    [InlineData("{\"model\":\"m\",\"max_tokens\":1}", "messages", ApiErrorCode.MissingField)]
    [InlineData("{\"model\":\"m\",\"max_tokens\":1,\"messages\":[]}", "messages", ApiErrorCode.InvalidValue)]
    [InlineData("{\"messages\":[{\"role\":\"system\",\"content\":\"q\"}]}", "messages[0].role", ApiErrorCode.InvalidValue)]
    [InlineData("{\"messages\":[{\"role\":\"user\"}]}", "messages[0].content", ApiErrorCode.MissingField)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":1}]}", "messages[0].content", ApiErrorCode.InvalidType)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[1]}]}", "messages[0].content[0]", ApiErrorCode.InvalidType)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]}", "messages[0].content[0].text", ApiErrorCode.MissingField)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_use\"}]}]}", "messages[0].content[0].type", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\"}]}]}", "messages[0].content[0].source", ApiErrorCode.MissingField)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"source\":{\"type\":\"url\",\"url\":\"ftp://10.0.0.1/\"}}]}]}", "messages[0].content[0].source.url", ApiErrorCode.InvalidValue)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"source\":{\"type\":\"file\",\"file_id\":\"f\"}}]}]}", "messages[0].content[0].source.type", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"ftp://10.0.0.1/\"}}]}]}", "messages[0].content[0].source.url", ApiErrorCode.InvalidValue)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"text/html\",\"data\":\"aGk=\"}}]}]}", "messages[0].content[0].source.data", ApiErrorCode.InvalidValue)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"content\":\"1\"}]}]}", "messages[0].content[0].tool_use_id", ApiErrorCode.MissingField)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"}]}", "messages", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"name\":\"f\",\"input\":{}}]}]}", "messages[0].content[0].id", ApiErrorCode.MissingField)]
    [InlineData("{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"f\",\"input\":[]}]}]}", "messages[0].content[0].input", ApiErrorCode.InvalidType)]
    [InlineData("{\"system\":7}", "system", ApiErrorCode.InvalidType)]
    [InlineData("{\"temperature\":1.5}", "temperature", ApiErrorCode.InvalidValue)]
    [InlineData("{\"top_k\":-1}", "top_k", ApiErrorCode.InvalidValue)]
    [InlineData("{\"tools\":[{\"name\":\"f\"}]}", "tools[0].input_schema", ApiErrorCode.MissingField)]
    [InlineData("{\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}]}", "tools[0].type", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"tool_choice\":\"auto\"}", "tool_choice", ApiErrorCode.InvalidType)]
    [InlineData("{\"tool_choice\":{\"type\":\"tool\"}}", "tool_choice.name", ApiErrorCode.MissingField)]
    [InlineData("{\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1}}", "thinking.budget_tokens", ApiErrorCode.InvalidValue)]
    [InlineData("{\"thinking\":{\"type\":\"enabled\",\"display\":\"omitted\"}}", "thinking.display", ApiErrorCode.InvalidValue)]
    [InlineData("{\"thinking\":{\"budget_tokens\":2000}}", "thinking.type", ApiErrorCode.MissingField)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"1\",\"content\":[{\"type\":\"search_result\"}]}]}]}", "messages[0].content[0].content[0].type", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"mcp_servers\":[]}", "mcp_servers", ApiErrorCode.UnsupportedField)]
    [InlineData("{\"n\":2}", "n", ApiErrorCode.UnsupportedField)]
    [InlineData("[]", null, ApiErrorCode.InvalidJson)]
    public void A_wrong_body_is_refused_and_named(string body, string? param, ApiErrorCode code)
    {
        var error = MessagesRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request);
        Assert.Null(request);
        Assert.Equal((param, code), (error!.Param, error.Code));
    }

    private static string Body(string fields) => $$"""{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],{{fields}}}""";

    private static TextInference Read(string body)
    {
        Assert.Null(MessagesRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request));
        return request!;
    }
}
