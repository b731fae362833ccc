using System.Text;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Google.Protobuf;
using static Flotilla.Protocol.Tests.OpenAI.Answers;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class ChatStreamReaderTests
{
    private readonly List<Event> _events = [];
    private readonly ChatStreamReader _reader = new(2);

    [Fact]
    public void Read_OrdinaryStream_GivesTextEndAndUsage()
    {
        Feed("""{"id":"x","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}""");
        Feed("""{"choices":[{"index":0,"delta":{"content":"Hel"}}]}""");
        Feed("""{"choices":[{"index":1,"delta":{"content":"lo"},"finish_reason":null}]}""");
        Feed("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"},{"index":1,"delta":{},"finish_reason":"length"}]}""");
        Assert.True(_reader.AllChoicesDone);
        Feed("""{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":1}}}""");
        Assert.Equal(ChatStreamResult.Done, _reader.Read("[DONE]"u8.ToArray(), _events));
        Assert.Equal([Text("Hel"), Text("lo", 1), Done(), Done(ChoiceDone.Types.Finish.Length, 1)], _events);
        Assert.Equal(Answers.Usage, _reader.Usage);
        Assert.Equal(2, _reader.TokensCounted);
    }

    [Fact]
    public void Read_OurOwnStream_GivesTheEventsBack()
    {
        Event[] sent = [Text("a"), Reasoning("hm"), Call(0, "f", "{\"x\"", "call_1"), Call(0, "", ":1}"), Text("\u2028😀", 1), Done(ChoiceDone.Types.Finish.ToolCalls), Done(choice: 1)];
        var request = Requests.ChatWith("\"n\":2,\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        foreach (var line in Stream(request, sent).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            Assert.NotEqual(ChatStreamResult.Malformed, _reader.Read(Encoding.UTF8.GetBytes(line["data: ".Length..]), _events));
        Assert.Equal(sent.Select(Bare), _events.Select(Bare));
        Assert.Equal(Answers.Usage, _reader.Usage);
    }

    [Fact]
    public void Read_CompletionChunks_GiveTextAndLogprobs()
    {
        Feed("""{"object":"text_completion","choices":[{"text":"ab","index":0,"logprobs":{"tokens":["a","b"],"token_logprobs":[-1,null],"top_logprobs":[{"a":-1,"c":-2},null]},"finish_reason":null}]}""");
        var item = Assert.Single(_events);
        Assert.Equal("ab", item.Text.Text_);
        Assert.Equal(2u, item.TokenCount);
        Assert.Equal(new TokenOutput { Bytes = Bytes("a"), Logprob = -1, Top = { new TokenAlternative { Bytes = Bytes("a"), Logprob = -1 }, new TokenAlternative { Bytes = Bytes("c"), Logprob = -2 } } }, item.Tokens[0]);
        Assert.Equal(new TokenOutput { Bytes = Bytes("b") }, item.Tokens[1]);
    }

    [Fact]
    public void Read_ChatLogprobs_AreKept()
    {
        Feed("""{"choices":[{"index":0,"delta":{"content":"é"},"logprobs":{"content":[{"token":"\\xc3","logprob":-0.5,"bytes":[195],"top_logprobs":[{"token":"x","logprob":-3}]},{"token":"?","logprob":-1,"bytes":[169]}]}}]}""");
        var item = Assert.Single(_events);
        Assert.Equal(2u, item.TokenCount);
        Assert.Equal([0xC3], item.Tokens[0].Bytes.ToByteArray());
        Assert.Equal(new TokenAlternative { Bytes = Bytes("x"), Logprob = -3 }, Assert.Single(item.Tokens[0].Top));
        Assert.Equal([0xA9], item.Tokens[1].Bytes.ToByteArray());
    }

    [Theory]
    [InlineData("""{"choices":[{"delta":{"content":"x"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"x","role":null,"refusal":null},"logprobs":null}],"created":null}""")]
    [InlineData("""{"choices":[{"index":0,"message":{"content":"x"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"text":"x"}],"surprise":{"a":1}}""")]
    [InlineData("""{"error":null,"choices":[{"index":0,"delta":null,"text":"x"}]}""")]
    public void Read_ChunkOfAnotherServer_IsForgiven(string chunk)
    {
        Feed(chunk);
        Assert.Equal([Text("x")], _events);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":null,"usage":null}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":null}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":5}}]}""")]
    public void Read_ChunkThatSaysNothing_GivesNothing(string chunk)
    {
        Feed(chunk);
        Assert.Empty(_events);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("5")]
    [InlineData("[]")]
    [InlineData("""{"choices":{}}""")]
    [InlineData("""{"choices":[5]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":"x"}]}""")]
    [InlineData("""{"choices":[{"index":2,"delta":{"content":"x"}}]}""")]
    [InlineData("""{"choices":[{"index":-1,"delta":{"content":"x"}}]}""")]
    [InlineData("""{"choices":[{"index":1e30,"delta":{"content":"x"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"\ud800"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"tool_calls":{}}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"tool_calls":[5]}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":"f"}]}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"tool_calls":[{"index":128,"function":{"name":"f"}}]}}]}""")]
    public void Read_WhatNoServerMaySay_IsMalformed(string data) =>
        Assert.Equal(ChatStreamResult.Malformed, _reader.Read(Encoding.UTF8.GetBytes(data), _events));

    [Fact]
    public void Read_EventOverTheLimit_IsMalformed()
    {
        var data = $$$"""{"choices":[{"index":0,"delta":{"content":"{{{new string('x', OpenAiLimits.UpstreamEventBytesMax)}}}"}}]}""";
        Assert.Equal(ChatStreamResult.Malformed, _reader.Read(Encoding.UTF8.GetBytes(data), _events));
    }

    [Fact]
    public void Read_LongText_ComesInPiecesThatFitAFrame()
    {
        var text = "x" + string.Concat(Enumerable.Repeat("😀", 100_000));
        Feed($$$"""{"choices":[{"index":0,"delta":{"content":"{{{text}}}"}}]}""");
        Assert.Equal(text, string.Concat(_events.Select(e => e.Text.Text_)));
        Assert.All(_events, e => Assert.InRange(e.CalculateSize(), 1, LinkLimits.FrameBytesMax / 2));
        Assert.Equal(1, _events.Sum(e => e.TokenCount));
    }

    [Fact]
    public void Read_TokensThatDoNotFitAFrame_AreMalformed()
    {
        var token = $$"""{"token":"{{new string('t', 1000)}}","logprob":-1}""";
        var data = $$$"""{"choices":[{"index":0,"delta":{"content":"x"},"logprobs":{"content":[{{{string.Join(',', Enumerable.Repeat(token, 200))}}}]}}]}""";
        Assert.Equal(ChatStreamResult.Malformed, _reader.Read(Encoding.UTF8.GetBytes(data), _events));
    }

    [Fact]
    public void Read_ToolCallsOfManyDialects_ComeOutAlike()
    {
        // The name and id again in each piece; then a call without numbers; then one whose name comes late.
        FeedCalls("""{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}}""");
        FeedCalls("""{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"}"}}""");
        FeedCalls("""{"id":"b","function":{"name":"g","arguments":"{}"}}""");
        FeedCalls("""{"function":{"arguments":" "}}""");
        FeedCalls("""{"index":2,"id":"c"}""");
        FeedCalls("""{"index":2,"function":{"arguments":"{\"x\""}}""");
        FeedCalls("""{"index":2,"function":{"name":"h","arguments":":1}"}}""");
        Event[] expected = [Call(0, "f", "{", "a"), Call(0, "", "}"), Call(1, "g", "{}", "b"), Call(1, "", " "), Call(2, "h", "{\"x\":1}", "c")];
        Assert.Equal(expected, _events.Select(Bare));
    }

    [Fact]
    public void Read_ArgumentsOfACallThatIsNeverNamed_AreBounded()
    {
        var piece = Encoding.UTF8.GetBytes($$$"""{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{{{new string('x', 10_000)}}}"}}]}}]}""");
        Assert.Equal(ChatStreamResult.Chunk, _reader.Read(piece, _events));
        Assert.Equal(ChatStreamResult.Malformed, _reader.Read(piece, _events));
    }

    [Fact]
    public void Read_ChunksAfterTheEnd_SayNothingMore()
    {
        Feed("""{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"eos"}]}""");
        Feed("""{"choices":[{"index":0,"delta":{"content":"","role":"assistant"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}""");
        Assert.Equal([Text("a"), Done()], _events);
        Assert.Equal(1u, _reader.Usage!.CompletionTokens);
    }

    [Theory]
    [InlineData("""{"error":{"message":"no","code":"context_length_exceeded","param":"messages","type":"x"}}""", "no", "context_length_exceeded", "messages")]
    [InlineData("""{"error":{"message":"no","code":400}}""", "no", "400", null)]
    [InlineData("""{"error":"model not found"}""", "model not found", null, null)]
    [InlineData("""{"object":"error","message":"old","code":40303}""", "old", "40303", null)]
    [InlineData("""{"detail":"Not Found"}""", "Not Found", null, null)]
    [InlineData("""{"error":{}}""", "The upstream's error could not be read.", null, null)]
    public void Read_ErrorOfAnyServer_IsTold(string data, string message, string? code, string? param)
    {
        Assert.Equal(ChatStreamResult.Error, _reader.Read(Encoding.UTF8.GetBytes(data), _events));
        Assert.Equal(new UpstreamError(message, code, param), _reader.Error);
        Assert.Equal(new UpstreamError(message, code, param), UpstreamError.Read(Encoding.UTF8.GetBytes(data)));
    }

    [Fact]
    public void UpstreamError_OfAnythingElse_IsStillAnError()
    {
        Assert.Equal("The upstream's error could not be read.", UpstreamError.Read("<html>"u8.ToArray()).Message);
        var text = UpstreamError.Read(Encoding.UTF8.GetBytes($$"""{"error":"x{{string.Concat(Enumerable.Repeat("😀", 5000))}}"}""")).Message;
        Assert.Equal(LinkLimits.MessageCharsMax - 1, text.Length);
        Assert.False(char.IsHighSurrogate(text[^1]));
    }

    [Fact]
    public void Read_AnyMutationOfAChunk_AnswersAndNeverThrows()
    {
        string[] seeds =
        [
            """{"choices":[{"index":0,"delta":{"content":"é"},"logprobs":{"content":[{"token":"é","logprob":-0.5,"bytes":[195,169],"top_logprobs":[{"token":"x","logprob":-3,"bytes":null}]}]}}]}""",
            """{"choices":[{"index":1,"delta":{"reasoning_content":"r","tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}]}""",
            """{"choices":[{"index":0,"text":"ab","logprobs":{"tokens":["a"],"token_logprobs":[-1],"top_logprobs":[{"a":-1}]}}],"usage":{"prompt_tokens":5,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":2}}}""",
        ];
        var random = new Random(7);
        var seen = new HashSet<ChatStreamResult>();
        for (var i = 0; i < 6000; i++)
        {
            var chunk = Mutation.Of(Encoding.UTF8.GetBytes(seeds[i % seeds.Length]), random);
            var events = new List<Event>();
            seen.Add(new ChatStreamReader(2).Read(chunk, events));
            // What comes out must fit the link, whatever went in.
            Assert.All(events, e => Assert.Equal(e, Event.Parser.ParseFrom(e.ToByteArray())));
            Assert.All(events, e => Assert.InRange(e.Choice, 0u, 1u));
        }

        Assert.Superset(new HashSet<ChatStreamResult> { ChatStreamResult.Chunk, ChatStreamResult.Malformed }, seen);
    }

    private void Feed(string chunk) => Assert.Equal(ChatStreamResult.Chunk, _reader.Read(Encoding.UTF8.GetBytes(chunk), _events));

    private void FeedCalls(string call) => Feed($$$"""{"choices":[{"index":0,"delta":{"tool_calls":[{{{call}}}]}}]}""");

    private static Event Bare(Event item) => new(item) { TokenCount = 0 };

    private static ByteString Bytes(string text) => ByteString.CopyFromUtf8(text);
}
