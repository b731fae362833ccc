using System.Buffers;
using System.Text;
using System.Text.Json;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.OpenAI.Responses;
using Google.Protobuf;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class ResponsesRendererTests
{
    private static readonly Event[] Everything =
    [
        Answers.Reasoning("hm"), Answers.Text("a"), Answers.Text("\u2028b"), Answers.Call(0, "f", "{\"x\""), Answers.Call(1, "g", "{}", id: "call_up"), Answers.Call(0, "", ":1}"),
        Answers.Done(ChoiceDone.Types.Finish.ToolCalls),
    ];

    [Fact]
    public void A_whole_response_has_its_items_in_order()
    {
        using var body = JsonDocument.Parse(Answers.Whole(Request(), Everything));
        var output = body.RootElement.GetProperty("output");
        Assert.Equal(["reasoning", "message", "function_call", "function_call"], output.EnumerateArray().Select(i => i.GetProperty("type").GetString()));
        Assert.Equal("hm", output[0].GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal("a\u2028b", output[1].GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal("{\"x\":1}", output[2].GetProperty("arguments").GetString());
        Assert.Equal(("call_up", "g"), (output[3].GetProperty("call_id").GetString(), output[3].GetProperty("name").GetString()));
        Assert.Equal(("completed", 8), (body.RootElement.GetProperty("status").GetString(), body.RootElement.GetProperty("usage").GetProperty("total_tokens").GetInt32()));
        Assert.Equal("be brief", body.RootElement.GetProperty("instructions").GetString());
    }

    [Fact]
    public void A_call_of_a_function_in_a_namespace_names_both_and_goes_on_under_the_joined_name()
    {
        Assert.Null(ResponsesRequestReader.TryRead("""{"model":"m","input":"q","tools":[{"type":"namespace","name":"crm","tools":[{"type":"function","name":"find"}]}]}"""u8.ToArray(), out var request));
        var output = new ArrayBufferWriter<byte>();
        var renderer = new ResponsesWholeRenderer(request!, Answers.Head(request!));
        renderer.Append(Answers.Call(0, "crm__find", "{}"));
        renderer.Finish(Answers.Usage, output);
        using var body = JsonDocument.Parse(output.WrittenMemory);
        var call = body.RootElement.GetProperty("output")[0];
        Assert.Equal(("find", "crm"), (call.GetProperty("name").GetString(), call.GetProperty("namespace").GetString()));
        Assert.Equal("crm__find", Assert.Single(renderer.Record!.Answer.ToolCalls).Name);
    }

    [Theory]
    [InlineData(ChoiceDone.Types.Finish.Length, "max_output_tokens")]
    [InlineData(ChoiceDone.Types.Finish.ContentFilter, "content_filter")]
    public void An_answer_that_was_cut_off_is_incomplete(ChoiceDone.Types.Finish finish, string reason)
    {
        Event[] events = [Answers.Text("a"), Answers.Done(finish)];
        using var body = JsonDocument.Parse(Answers.Whole(Request(), events));
        Assert.Equal(("incomplete", reason), (body.RootElement.GetProperty("status").GetString(), body.RootElement.GetProperty("incomplete_details").GetProperty("reason").GetString()));
        Assert.Equal("incomplete", body.RootElement.GetProperty("output")[0].GetProperty("status").GetString());
        Assert.Equal("response.incomplete", Events(Answers.Stream(Request(), events))[^1].GetProperty("type").GetString());
    }

    [Fact]
    public void A_stream_has_the_core_events_in_order_and_numbered()
    {
        var events = Events(Answers.Stream(Request(), Everything));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(e => e.GetProperty("sequence_number").GetInt32()));
        Assert.Equal(
            [
                "response.created 0", "response.in_progress 0",
                "response.output_item.added 0", "response.content_part.added 0", "response.reasoning_text.delta 0",
                "response.reasoning_text.done 0", "response.content_part.done 0", "response.output_item.done 0",
                "response.output_item.added 1", "response.content_part.added 1", "response.output_text.delta 1", "response.output_text.delta 1",
                "response.output_text.done 1", "response.content_part.done 1", "response.output_item.done 1",
                "response.output_item.added 2", "response.function_call_arguments.delta 2",
                "response.output_item.added 3", "response.function_call_arguments.delta 3",
                "response.function_call_arguments.delta 2",
                "response.function_call_arguments.done 2", "response.output_item.done 2",
                "response.function_call_arguments.done 3", "response.output_item.done 3",
                "response.completed 0",
            ],
            events.Select(e => $"{e.GetProperty("type").GetString()} {(e.TryGetProperty("output_index", out var i) ? i.GetInt32() : 0)}"));
    }

    [Fact]
    public void A_stream_ends_with_the_response_that_a_whole_answer_is()
    {
        var last = Events(Answers.Stream(Request(), Everything))[^1].GetProperty("response");
        using var whole = JsonDocument.Parse(Answers.Whole(Request(), Everything));
        Assert.Equal(whole.RootElement.GetRawText(), last.GetRawText());
    }

    [Fact]
    public void A_stream_that_breaks_ends_with_a_failed_response_that_has_what_came()
    {
        var output = new ArrayBufferWriter<byte>();
        var renderer = Dialect.Of(Request().Endpoint).Stream(Request(), Answers.Head(Request()));
        renderer.Write(Answers.Text("half"), output);
        Assert.Equal(4, renderer.Held);
        renderer.Fail(new ApiError(ApiErrorCode.NodeFailed, "gone\nfor good"), output);
        var last = Events(Encoding.UTF8.GetString(output.WrittenSpan))[^1];
        Assert.Equal("response.failed", last.GetProperty("type").GetString());
        var response = last.GetProperty("response");
        Assert.Equal(("failed", "server_error"), (response.GetProperty("status").GetString(), response.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal("half", response.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal(JsonValueKind.Null, response.GetProperty("usage").ValueKind);
    }

    [Fact]
    public void Log_probabilities_stand_beside_their_text_whole_and_streamed()
    {
        Assert.Null(ResponsesRequestReader.TryRead("""{"model":"m","input":"q","include":["message.output_text.logprobs"],"top_logprobs":1}"""u8.ToArray(), out var request));
        // The first token is half a character: it is told with an empty text.
        Event[] events = [Token("", -1), Token("é", -2), Token("b", -3), Answers.Done(ChoiceDone.Types.Finish.Stop)];

        using var whole = JsonDocument.Parse(Answers.Whole(request!, events));
        var said = Events(Answers.Stream(request!, events));

        var part = whole.RootElement.GetProperty("output")[0].GetProperty("content")[0];
        Assert.Equal(("éb", 3), (part.GetProperty("text").GetString(), part.GetProperty("logprobs").GetArrayLength()));
        Assert.Equal(-2, part.GetProperty("logprobs")[1].GetProperty("logprob").GetDouble());
        Assert.Equal(1, part.GetProperty("logprobs")[1].GetProperty("top_logprobs").GetArrayLength());
        Assert.Equal([2, 1], said.Where(e => e.GetProperty("type").GetString() == "response.output_text.delta").Select(e => e.GetProperty("logprobs").GetArrayLength()));
        Assert.Equal(3, said.Single(e => e.GetProperty("type").GetString() == "response.output_text.done").GetProperty("logprobs").GetArrayLength());
        Assert.Equal(part.GetRawText(), said.Single(e => e.GetProperty("type").GetString() == "response.content_part.done").GetProperty("part").GetRawText());
    }

    private static Event Token(string text, float logprob) => new()
    {
        TokenCount = 1,
        Text = new Text { Text_ = text },
        Tokens = { new TokenOutput { Id = 1, Logprob = logprob, Bytes = ByteString.CopyFromUtf8(text), Top = { new TokenAlternative { Logprob = -4 }, new TokenAlternative { Logprob = -5 } } } },
    };

    private static TextInference Request()
    {
        Assert.Null(ResponsesRequestReader.TryRead("""{"model":"m","input":"q","instructions":"be brief"}"""u8.ToArray(), out var request));
        return request!;
    }

    private static List<JsonElement> Events(string stream)
    {
        var events = new List<JsonElement>();
        foreach (var frame in stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = frame.Split('\n');
            Assert.Equal(2, lines.Length);
            using var json = JsonDocument.Parse(lines[1]["data: ".Length..]);
            Assert.Equal("event: " + json.RootElement.GetProperty("type").GetString(), lines[0]);
            events.Add(json.RootElement.Clone());
        }

        return events;
    }
}
