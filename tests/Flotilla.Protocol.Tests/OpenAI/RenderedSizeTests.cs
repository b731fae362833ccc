using System.Buffers;
using System.Text;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.OpenAI.Inputs;
using Flotilla.Testing;
using Google.Protobuf;
using static Flotilla.Protocol.Tests.OpenAI.Answers;

namespace Flotilla.Protocol.Tests.OpenAI;

/// <summary>The bound of what events become: whatever a node says, no answer is longer.</summary>
public sealed class RenderedSizeTests
{
    // Members that stand once in a choice, such as reasoning_content and tool_calls.
    private const int OncePerChoice = 256;
    private static readonly string[] Characters = ["a", "\0", "\u001f", "\"", "\\", "\n", "é", "€", "\u2028", "😀", "\ud800"];

    public static TheoryData<InferenceRequest> TextRequests => new()
    {
        Requests.ChatWith("\"logprobs\":true,\"top_logprobs\":20"),
        Requests.ChatWith("\"logprobs\":true"),
        Requests.ChatWith(""),
        Requests.CompletionWith("\"prompt\":\"a\",\"logprobs\":5,\"max_tokens\":5"),
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(TextRequests))]
    public void Of_AnyText_IsNoLessThanItsJson(InferenceRequest request)
    {
        var random = new Random(7);
        for (var round = 0; round < 50; round++)
        {
            Event[] events = [.. Enumerable.Range(0, 1 + random.Next(20)).Select(_ => Text(Any(random), 0, TokenOf(random)))];
            if (request.Endpoint == InferenceEndpoint.ChatCompletions)
                events = [.. events, Reasoning(Any(random)), Call(0, "f", Any(random)), Call(0, "", Any(random)), Call(1, "g", Any(random))];
            AssertBound(request, [.. events, Done()]);
        }
    }

    [Theory]
    [InlineData("\"prompt_logprobs\":20", true)]
    [InlineData("\"prompt\":\"a\",\"n\":3,\"prompt_logprobs\":20", false)]
    [InlineData("\"prompt\":\"a\",\"n\":3,\"echo\":true,\"logprobs\":5,\"prompt_logprobs\":20", false)]
    [InlineData("\"prompt\":\"a\",\"n\":3,\"echo\":true,\"logprobs\":5", false)]
    [InlineData("\"prompt\":[1],\"n\":3,\"echo\":true,\"logprobs\":5,\"prompt_logprobs\":20", false)]
    [InlineData("\"prompt\":[1],\"n\":3,\"echo\":true", false)]
    public void Of_AnyPrompt_IsNoLessThanItsJson(string fields, bool isChat)
    {
        var random = new Random(8);
        for (var round = 0; round < 50; round++)
        {
            var request = isChat ? Requests.ChatWith(fields) : Requests.CompletionWith(fields);
            var item = new Event { PromptTokens = new PromptTokens() };
            item.PromptTokens.Tokens.Add(Enumerable.Range(0, 1 + random.Next(20)).Select(_ => TokenOf(random)));
            AssertBound(request, [item, Done()]);
        }
    }

    [Theory]
    [InlineData("float")]
    [InlineData("base64")]
    public void Of_AnyVector_IsNoLessThanItsJson(string format)
    {
        Assert.Null(EmbedRequestReader.TryRead(Encoding.UTF8.GetBytes($$"""{"model":"m","input":["a","b"],"encoding_format":"{{format}}"}"""), out var request));
        float[] values = [-1.17549435E-38f, float.MinValue, float.MaxValue, 0, -0.012345678f, 1];

        AssertBound(request!, [.. Enumerable.Range(0, 2).Select(i => new Event
        {
            Choice = (uint)i,
            Vector = new Vector { Values = ByteString.CopyFrom(Float32.Bytes([.. Enumerable.Repeat(values, 500).SelectMany(v => v)])) },
        })]);
    }

    [Fact]
    public void Of_AnyPicture_IsNoLessThanItsJson()
    {
        Assert.Null(ImageRequestReader.TryRead("""{"model":"m","prompt":"x"}"""u8.ToArray(), out var request));
        AssertBound(request!, [.. Enumerable.Range(0, 5).Select(i => new Event { Media = new Media { Data = ByteString.CopyFrom(new byte[1000 + i]) } })]);
    }

    private static void AssertBound(InferenceRequest request, Event[] events)
    {
        var bound = events.Sum(Renderer(request).SizeOf);
        var empty = Length(request, [.. events.Select(Silent)]);
        var length = Length(request, events);
        Assert.True(length <= empty + bound + OncePerChoice, $"{length} bytes, of which {empty} are there without the events; the bound is {bound}");
    }

    private static long Length(InferenceRequest request, Event[] events)
    {
        var output = new ArrayBufferWriter<byte>();
        var renderer = Renderer(request);
        foreach (var item in events)
            renderer.Append(item);
        renderer.Finish(Answers.Usage, output);
        return output.WrittenCount;
    }

    /// <summary>The same without what it says, where there must be one.</summary>
    private static Event Silent(Event item) => item.BodyCase == Event.BodyOneofCase.Vector
        ? new Event { Choice = item.Choice, Vector = new Vector() }
        : new Event { Choice = item.Choice, TokenCount = item.TokenCount };

    private static IWholeRenderer Renderer(InferenceRequest request) => Dialect.Of(request.Endpoint).Whole(request, new AnswerHead("id-1", 1700000000, "demo", new CountingIdSource()));

    private static TokenOutput TokenOf(Random random)
    {
        var token = new TokenOutput { Id = 1, Logprob = -1.17549435E-38f, Bytes = AnyBytes(random) };
        token.Top.AddRange(Enumerable.Range(0, 20).Select(_ => new TokenAlternative { Id = 2, Logprob = -100 * random.NextSingle(), Bytes = AnyBytes(random) }));
        return token;
    }

    private static ByteString AnyBytes(Random random)
    {
        var bytes = new byte[random.Next(20)];
        random.NextBytes(bytes);
        return random.Next(2) == 0 ? ByteString.CopyFrom(bytes) : ByteString.CopyFromUtf8(Any(random));
    }

    private static string Any(Random random) => string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => Characters[random.Next(Characters.Length)]));
}
