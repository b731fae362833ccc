using System.Buffers;
using System.Text;
using System.Text.Json;
using Flotilla.Protocol.Anthropic;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.Tests.OpenAI;

namespace Flotilla.Protocol.Tests.Anthropic;

public sealed class MessagesRendererTests
{
    private static readonly Event[] Everything =
    [
        new() { PromptReady = new PromptReady { PromptTokens = 5 } },
        Answers.Reasoning("hm"), Answers.Text("a"), Answers.Text("\u2028b"), Answers.Call(0, "f", "{\"x\""), Answers.Call(0, "", ":1}"), Answers.Call(1, "g", "", id: "toolu_up"),
        Answers.Done(ChoiceDone.Types.Finish.ToolCalls),
    ];

    [Fact]
    public void A_whole_answer_has_its_blocks_in_order_and_a_cache_that_is_no_part_of_the_input()
    {
        Assert.Equal(
            """
            {"id":"cmpl-1","type":"message","role":"assistant","model":"demo","content":[{"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"a\u2028b"},{"type":"tool_use","id":"toolu_1","name":"f","input":{"x":1}},{"type":"tool_use","id":"toolu_up","name":"g","input":{}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":3,"cache_creation_input_tokens":0,"cache_read_input_tokens":2,"output_tokens":3}}
            """,
            Numbered(Answers.Whole(Request(), Everything)));
    }

    [Fact]
    public void A_stream_says_the_same_piece_by_piece()
    {
        Assert.Equal(
            """
            event: message_start
            data: {"type":"message_start","message":{"id":"cmpl-1","type":"message","role":"assistant","model":"demo","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":5,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}

            event: ping
            data: {"type":"ping"}

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            event: content_block_start
            data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"a"}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"\u2028b"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":1}

            event: content_block_start
            data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"x\""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":":1}"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":2}

            event: content_block_start
            data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_up","name":"g","input":{}}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":3}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":3,"cache_creation_input_tokens":0,"cache_read_input_tokens":2,"output_tokens":3}}

            event: message_stop
            data: {"type":"message_stop"}


            """.ReplaceLineEndings("\n"),
            Numbered(Answers.Stream(Request(), Everything)));
    }

    [Fact]
    public void Calls_that_come_side_by_side_are_sent_one_after_another()
    {
        var blocks = Blocks(
            Answers.Call(0, "f", "{\"x\":\"}\\\""), Answers.Call(1, "g", "{"), Answers.Text("a"), Answers.Call(1, "", "}"), Answers.Call(0, "", "\"}"), Answers.Text("b"), Answers.Call(2, "h", ""),
            Answers.Text("c"), Answers.Done(ChoiceDone.Types.Finish.ToolCalls));

        Assert.Equal(["tool_use {\"x\":\"}\\\"\"}", "tool_use {}", "text ab", "tool_use ", "text c"], blocks);
    }

    [Fact]
    public void A_call_whose_arguments_are_whole_makes_room_for_the_next_at_once()
    {
        var output = new ArrayBufferWriter<byte>();
        var renderer = Dialect.Of(Request().Endpoint).Stream(Request(), Answers.Head(Request()));
        renderer.Write(Answers.Call(0, "f", "{"), output);
        renderer.Write(Answers.Text("waits"), output);
        Assert.Equal(5, renderer.Held);
        Assert.DoesNotContain("waits", Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
        renderer.Write(Answers.Call(0, "", "}"), output);
        Assert.Equal(0, renderer.Held);
        Assert.Contains("waits", Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{\"x\":")]
    [InlineData("{\"x\":1,\"x\":2}")]
    public void Arguments_that_are_no_object_stay_legible_and_the_body_stays_JSON(string arguments)
    {
        using var body = JsonDocument.Parse(Answers.Whole(Request(), Answers.Call(0, "f", arguments)));
        Assert.Equal(arguments, body.RootElement.GetProperty("content")[0].GetProperty("input").GetProperty("invalid_json").GetString());
    }

    [Fact]
    public void An_answer_that_breaks_ends_with_an_error_event()
    {
        var output = new ArrayBufferWriter<byte>();
        Dialect.Of(Request().Endpoint).Stream(Request(), Answers.Head(Request())).Fail(new ApiError(ApiErrorCode.NodeFailed, "gone"), output);
        Assert.Equal("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"gone\"}}\n\n", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData(ChoiceDone.Types.Finish.Stop, "end_turn")]
    [InlineData(ChoiceDone.Types.Finish.Length, "max_tokens")]
    [InlineData(ChoiceDone.Types.Finish.ContentFilter, "refusal")]
    public void Every_end_has_a_name(ChoiceDone.Types.Finish finish, string name) =>
        Assert.Contains($"\"stop_reason\":\"{name}\"", Answers.Whole(Request(), Answers.Text("a"), Answers.Done(finish)), StringComparison.Ordinal);

    /// <summary>Reads a stream as a client does that knows one open block at a time.</summary>
    private static List<string> Blocks(params Event[] events)
    {
        var blocks = new List<string>();
        var open = -1;
        foreach (var line in Answers.Stream(Request(), events).Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal)))
        {
            using var json = JsonDocument.Parse(line["data: ".Length..]);
            var data = json.RootElement;
            switch (data.GetProperty("type").GetString())
            {
                case "content_block_start":
                    Assert.Equal(-1, open);
                    Assert.Equal(blocks.Count, open = data.GetProperty("index").GetInt32());
                    blocks.Add(data.GetProperty("content_block").GetProperty("type").GetString() + " ");
                    break;
                case "content_block_delta":
                    Assert.Equal(open, data.GetProperty("index").GetInt32());
                    blocks[open] += data.GetProperty("delta").EnumerateObject().Last().Value.GetString();
                    break;
                case "content_block_stop":
                    Assert.Equal(open, data.GetProperty("index").GetInt32());
                    open = -1;
                    break;
            }
        }

        Assert.Equal(-1, open);
        return blocks;
    }

    private static TextInference Request()
    {
        Assert.Null(MessagesRequestReader.TryRead("""{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}]}"""u8.ToArray(), out var request));
        return request!;
    }

    // The test's ids are numbered with a width that does not matter here.
    private static string Numbered(string text) => System.Text.RegularExpressions.Regex.Replace(text, "toolu_0*1\"", "toolu_1\"");
}
