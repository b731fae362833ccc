using System.Buffers;
using System.Text;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using static Flotilla.Protocol.Tests.OpenAI.Answers;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class ChatRendererTests
{
    private const string Chunk = """data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"demo","choices":[""";
    private const string UsageJson = """{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":1},"cache_read_input_tokens":2,"cache_creation_input_tokens":0}""";

    [Fact]
    public void Stream_Text_IsExactlyThis()
    {
        var prompt = new Event { PromptReady = new PromptReady { PromptTokens = 5 } };
        var text = Stream(Requests.ChatWith("\"stream\":true"), prompt, Text("Hel"), Text(""), Text("lo \"you\"\n"), Done());
        Assert.Equal(
            Chunk + """{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{"content":"lo \"you\"\n"},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n" +
            "data: [DONE]\n\n",
            text);
    }

    [Fact]
    public void Stream_WithUsage_HasNullOnEveryChunkAndAChunkWithoutChoices()
    {
        var text = Stream(Requests.ChatWith("\"stream\":true,\"stream_options\":{\"include_usage\":true}"), Text("a"), Done(ChoiceDone.Types.Finish.Length));
        Assert.Equal(
            Chunk + """{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{"content":"a"},"finish_reason":null}],"usage":null}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{},"finish_reason":"length"}],"usage":null}""" + "\n\n" +
            Chunk + "],\"usage\":" + UsageJson + "}\n\n" +
            "data: [DONE]\n\n",
            text);
    }

    [Fact]
    public void Stream_ToolCalls_NameTheCallOnceAndThenItsArguments()
    {
        var text = Stream(
            Requests.ChatWith("\"stream\":true"),
            Call(0, "get", ""), Call(0, "", "{\"a\""), Call(0, "", ""), Call(0, "", ":1}"), Call(1, "now", "{}", "call_given"), Done(ChoiceDone.Types.Finish.ToolCalls));
        Assert.Equal(
            Chunk + """{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_00000000000000000000000000000001","type":"function","function":{"name":"get","arguments":""}}]},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_given","type":"function","function":{"name":"now","arguments":"{}"}}]},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""" + "\n\n" +
            "data: [DONE]\n\n",
            text);
    }

    [Fact]
    public void Stream_TwoChoicesAndReasoning_EachChoiceBeginsWithItsRole()
    {
        var text = Stream(Requests.ChatWith("\"stream\":true,\"n\":2"), Reasoning("hm"), Text("b", choice: 1), Done(), Done(ChoiceDone.Types.Finish.ContentFilter, choice: 1));
        Assert.Equal(
            Chunk + """{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":1,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":1,"delta":{"content":"b"},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n" +
            Chunk + """{"index":1,"delta":{},"finish_reason":"content_filter"}]}""" + "\n\n" +
            "data: [DONE]\n\n",
            text);
    }

    [Fact]
    public void Stream_Logprobs_StandBesideTheText()
    {
        var text = Stream(
            Requests.ChatWith("\"stream\":true,\"logprobs\":true,\"top_logprobs\":1"),
            Text("H", 0, Token([0x48], -0.5f, ("H", -0.5f), ("J", -1.25f))), Text("", 0, Token([0xE2, 0x82], float.NegativeInfinity)), Done());
        Assert.Equal(
            Chunk + """{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{"content":"H"},"logprobs":{"content":[{"token":"H","logprob":-0.5,"bytes":[72],"top_logprobs":[{"token":"H","logprob":-0.5,"bytes":[72]}]}],"refusal":null},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{"content":""},"logprobs":{"content":[{"token":"\\xe2\\x82","logprob":-9999,"bytes":[226,130],"top_logprobs":[]}],"refusal":null},"finish_reason":null}]}""" + "\n\n" +
            Chunk + """{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n" +
            "data: [DONE]\n\n",
            text);
    }

    [Fact]
    public void Stream_LogprobsNotAskedFor_AreNotShown()
    {
        var text = Stream(Requests.ChatWith("\"stream\":true"), Text("", 0, Token([0x48], -0.5f)), Text("H", 0, Token([0x48], -0.5f)), Done());
        Assert.DoesNotContain("logprob", text, StringComparison.Ordinal);
        // Role, text, end, [DONE]: the event without text left no chunk.
        Assert.Equal(4, text.Split("data: ", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Stream_ChoiceThatTheRuntimeLeftOpen_EndsWithStop()
    {
        var text = Stream(Requests.ChatWith("\"stream\":true,\"n\":2"), Text("a"));
        Assert.Contains("""{"index":0,"delta":{},"finish_reason":"stop"}""", text, StringComparison.Ordinal);
        Assert.Contains("""{"index":1,"delta":{"role":"assistant","content":""},"finish_reason":null}""", text, StringComparison.Ordinal);
        Assert.Contains("""{"index":1,"delta":{},"finish_reason":"stop"}""", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Stream_Failure_IsAChunkWithTheErrorAndNoEnd()
    {
        var output = new ArrayBufferWriter<byte>();
        var request = Requests.ChatWith("\"stream\":true,\"n\":3");
        var renderer = Dialect.Of(request.Endpoint).Stream(request, Head(request));
        renderer.Write(Done(choice: 1), new ArrayBufferWriter<byte>());
        renderer.Fail(new ApiError(ApiErrorCode.NodeFailed, "gone\nfor good"), output);
        Assert.Equal(
            """
            data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"demo","choices":[{"index":0,"delta":{},"finish_reason":"error"},{"index":2,"delta":{},"finish_reason":"error"}],"error":{"message":"gone\nfor good","type":"server_error","param":null,"code":"node_failed"}}


            """.ReplaceLineEndings("\n"), Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void Stream_HeadWithQuotes_StaysJson()
    {
        var output = new ArrayBufferWriter<byte>();
        var request = Requests.ChatWith("\"stream\":true");
        Dialect.Of(request.Endpoint).Stream(request, Head(request) with { Model = "a\"b\r\ndata: x" }).Write(Text("t"), output);
        var lines = Encoding.UTF8.GetString(output.WrittenSpan).Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.All(lines.Where(l => l.Length > 0), l => Assert.StartsWith("data: {", l, StringComparison.Ordinal));
    }

    [Fact]
    public void Write_ChoiceNobodyAskedFor_Throws()
    {
        var request = Requests.ChatWith("\"stream\":true,\"n\":2");
        Assert.Throws<IndexOutOfRangeException>(() => Dialect.Of(request.Endpoint).Stream(request, Head(request)).Write(Text("x", choice: 2), new ArrayBufferWriter<byte>()));
        Assert.Throws<IndexOutOfRangeException>(() => Dialect.Of(request.Endpoint).Whole(request, Head(request)).Append(Text("x", choice: 2)));
    }

    [Fact]
    public void Whole_Text_IsExactlyThis()
    {
        Assert.Equal(
            """{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"demo","choices":[""" +
            """{"index":0,"message":{"role":"assistant","content":"Hello","refusal":null},"logprobs":null,"finish_reason":"stop"},""" +
            """{"index":1,"message":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":"length"}],"usage":""" + UsageJson + "}",
            Whole(Requests.ChatWith("\"n\":2"), Text("Hel"), Text("lo"), Done(), Done(ChoiceDone.Types.Finish.Length, choice: 1)));
    }

    [Fact]
    public void Whole_PromptLogprobs_StandOnceBesideTheChoices()
    {
        var text = Whole(Requests.ChatWith("\"n\":2,\"prompt_logprobs\":2"), Prompt(0, 0, "a", "b"), Text("d"), Done(), Done(choice: 1));
        Assert.Contains(
            """],"prompt_logprobs":[null,{"11":{"logprob":-2,"rank":2,"decoded_token":"b"},"1":{"logprob":-0.5,"rank":1,"decoded_token":"x"}}],"usage":""", text, StringComparison.Ordinal);
        Assert.DoesNotContain("prompt_logprobs", Whole(Requests.ChatWith(""), Text("d"), Done()), StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_ToolCallsReasoningAndLogprobs_AreExactlyThis()
    {
        var request = Requests.ChatWith("\"logprobs\":true");
        Assert.Equal(
            """{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"demo","choices":[""" +
            """{"index":0,"message":{"role":"assistant","content":null,"refusal":null,"reasoning_content":"hmm","tool_calls":[""" +
            """{"id":"call_00000000000000000000000000000001","type":"function","function":{"name":"get","arguments":"{\"a\":1}"}},""" +
            """{"id":"call_b","type":"function","function":{"name":"now","arguments":""}}]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":""" + UsageJson + "}",
            Whole(request, Reasoning("h"), Reasoning("mm"), Call(0, "get", "{\"a\""), Call(1, "now", "", "call_b"), Call(0, "", ":1}"), Done(ChoiceDone.Types.Finish.ToolCalls)));
        Assert.Contains(
            """content":"Hi","refusal":null},"logprobs":{"content":[{"token":"H","logprob":-0.5,"bytes":[72],"top_logprobs":[]},{"token":"i","logprob":0,"bytes":[105],"top_logprobs":[]}],"refusal":null},"finish_reason":"stop"}""",
            Whole(request, Text("H", 0, Token([0x48], -0.5f, ("J", -1))), Text("i", 0, Token([0x69], 0)), Done()),
            StringComparison.Ordinal);
    }
}
