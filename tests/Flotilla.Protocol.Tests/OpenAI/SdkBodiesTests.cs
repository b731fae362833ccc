using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

/// <summary>Bodies as official SDKs write them.</summary>
public sealed class SdkBodiesTests
{
    [Fact]
    public void Read_EverythingTheDotNetSdkSends_IsServed()
    {
        // Recorded from the OpenAI NuGet package 2.14.0, with every option set that is served.
        var request = Requests.Chat("""
            {"metadata":{"a":"b"},"temperature":0.5,"top_logprobs":2,"top_p":1,"user":"u","messages":[{"role":"system","content":"s"},{"role":"developer","content":"d"},
            {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"c1","content":"42"}],"model":"demo","max_completion_tokens":5,"frequency_penalty":0,"presence_penalty":0.5,"response_format":{"type":"text"},
            "stream":true,"stop":["x"],"logit_bias":{"5":-3},"logprobs":true,"seed":7,"stream_options":{"include_usage":true},
            "tools":[{"type":"function","function":{"description":"d","name":"f","parameters":{"type":"object","properties":{"x":{"type":"integer"}}}}}],"tool_choice":"auto","parallel_tool_calls":true}
            """);
        Assert.Equal(["system", "developer", "user", "assistant", "tool"], request.Work.Chat.Messages.Select(m => m.Role));
        Assert.Equal("a\nb", request.Work.Chat.Messages[2].Content);
        Assert.Equal(5u, request.Work.MaxTokens);
        Assert.Equal(2u, request.Work.TopLogprobs);
        Assert.True(request.Stream && request.IncludeUsage);
        Assert.True(request.Work.Extra.IsEmpty);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"model":"demo"}""")]
    [InlineData("""{"messages": [{"role": "user", "content": "h\u00e9"}], "model": "demo", "stream": true, "max_tokens": 5, "temperature": 0.0, "top_p": 1.0}""")]
    [InlineData("""{"model":"demo","messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],"stream":false,"n":1,"stop":null,"tools":null,"response_format":null,"store":false,"service_tier":"auto"}""")]
    public void Read_OrdinaryBodies_AreServed(string body) => Assert.Equal("user", Assert.Single(Requests.Chat(body).Work.Chat.Messages).Role);

    [Fact]
    public void Read_ConversationWithAnAnswerOfOurs_IsServed()
    {
        // An agent appends the message that it got, as it got it.
        var answer = Answers.Whole(Requests.ChatWith(""), Answers.Reasoning("hm"), Answers.Call(0, "f", "{}"), Answers.Done(ChoiceDone.Types.Finish.ToolCalls));
        using var json = System.Text.Json.JsonDocument.Parse(answer);
        var message = json.RootElement.GetProperty("choices")[0].GetProperty("message").GetRawText();
        var request = Requests.Chat($$"""{"model":"m","messages":[{"role":"user","content":"q"},{{message}},{"role":"tool","tool_call_id":"call_00000000000000000000000000000001","content":"1"}]}""");
        Assert.Equal("f", Assert.Single(request.Work.Chat.Messages[1].ToolCalls).Name);
        Assert.False(request.Work.Chat.Messages[1].HasContent);
    }
}
