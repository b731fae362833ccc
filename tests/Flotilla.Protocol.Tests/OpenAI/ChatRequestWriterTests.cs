using System.Text;
using System.Text.Json;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Google.Protobuf;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class ChatRequestWriterTests
{
    [Fact]
    public void Write_SmallestChat_IsExactlyThis()
    {
        var work = Requests.ChatWith("").Work;
        Assert.Equal(
            """{"model":"up","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true},"seed":7}""",
            Written(work, seed: 7));
        Assert.Equal("chat/completions", ChatRequestWriter.PathOf(work));
    }

    [Fact]
    public void Write_EverythingInAChat_ReadsBackTheSame()
    {
        var request = Requests.Chat("""
            {"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"q😀","name":"n"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"c","content":"1"}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}],
            "tool_choice":"none","temperature":0.25,"top_p":0.5,"top_k":3,"min_p":0.125,"presence_penalty":1,"frequency_penalty":-1,"repetition_penalty":1.5,
            "logit_bias":{"7":-5},"ignore_eos":true,"min_tokens":2,"max_tokens":9,"n":2,"stop":["x"],"logprobs":true,"top_logprobs":3,"custom":{"a":[1]},"seed":-1}
            """);
        Assert.Equal(request.Work, Requests.Chat(Written(request.Work, 5)).Work);
    }

    [Fact]
    public void Write_Prompts_AreACompletion()
    {
        var one = Requests.CompletionWith("\"prompt\":\"p\",\"logprobs\":2,\"max_tokens\":4").Work;
        Assert.Equal("completions", ChatRequestWriter.PathOf(one));
        Assert.Equal("""{"model":"up","prompt":"p","stream":true,"stream_options":{"include_usage":true},"max_tokens":4,"logprobs":2}""", Written(one, null));
        var many = Requests.CompletionWith("\"prompt\":[[1,2],[3]]").Work;
        Assert.Contains("\"prompt\":[[1,2],[3]]", Written(many, null), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_DeveloperRole_IsSystemForTheUpstream()
    {
        var work = Requests.Chat("""{"model":"m","messages":[{"role":"developer","content":"d"}]}""").Work;
        Assert.Contains("""{"role":"system","content":"d"}""", Written(work, null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(42ul, 42ul)]
    [InlineData(ulong.MaxValue, (1ul << 53) - 1)]
    public void Write_Seed_FitsEveryJsonReader(ulong seed, ulong written)
    {
        using var json = JsonDocument.Parse(Written(Requests.ChatWith("").Work, seed));
        Assert.Equal(written, json.RootElement.GetProperty("seed").GetUInt64());
    }

    [Fact]
    public void Write_ForwardedFieldOfOurOwn_IsNotWrittenTwice()
    {
        var work = Requests.ChatWith("").Work.Clone();
        work.Extra = ByteString.CopyFromUtf8("""{"model":"evil","stream":false,"max_completion_tokens":1,"kept":true}""");
        var text = Written(work, null);
        Assert.EndsWith("\"kept\":true}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", text, StringComparison.Ordinal);
        Assert.DoesNotContain("max_completion_tokens", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    public void Write_ExtraThatIsNoObject_Throws(string extra)
    {
        var work = Requests.ChatWith("").Work.Clone();
        work.Extra = ByteString.CopyFromUtf8(extra);
        Assert.ThrowsAny<JsonException>(() => ChatRequestWriter.Write(work, "up", null));
    }

    private static string Written(TextRequest work, ulong? seed) => Encoding.UTF8.GetString(ChatRequestWriter.Write(work, "up", seed));
}
