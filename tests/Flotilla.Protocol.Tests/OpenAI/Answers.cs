using System.Buffers;
using System.Text;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Testing;
using Google.Protobuf;

namespace Flotilla.Protocol.Tests.OpenAI;

/// <summary>Short ways to make events and to see them rendered.</summary>
internal static class Answers
{
    public static readonly Usage Usage = new() { PromptTokens = 5, CachedTokens = 2, CompletionTokens = 3, ReasoningTokens = 1 };

    public static Event Text(string text, uint choice = 0, params TokenOutput[] tokens) =>
        new() { Choice = choice, TokenCount = 1, Text = new Text { Text_ = text }, Tokens = { tokens } };

    public static Event Reasoning(string text) => new() { Reasoning = new Text { Text_ = text } };

    public static Event Call(uint index, string name, string arguments, string id = "", uint choice = 0) =>
        new() { Choice = choice, ToolCall = new ToolCallDelta { Index = index, Name = name, Arguments = arguments, Id = id } };

    public static Event Done(ChoiceDone.Types.Finish finish = ChoiceDone.Types.Finish.Stop, uint choice = 0) =>
        new() { Choice = choice, ChoiceDone = new ChoiceDone { Finish = finish } };

    public static TokenOutput Token(byte[] bytes, float logprob, params (string Text, float Logprob)[] top) => new()
    {
        Id = 1,
        Bytes = ByteString.CopyFrom(bytes),
        Logprob = logprob,
        Top = { top.Select(t => new TokenAlternative { Id = 2, Bytes = ByteString.CopyFromUtf8(t.Text), Logprob = t.Logprob }) },
    };

    /// <summary>Tokens of a prompt, with ids from 10 by their place; the first of all has no log probability, the others are second to an "x".</summary>
    public static Event Prompt(uint position, uint choice, params string[] tokens)
    {
        var item = new Event { Choice = choice, PromptTokens = new PromptTokens { Position = position } };
        foreach (var (index, text) in tokens.Index())
        {
            var token = new TokenOutput { Id = 10 + position + (uint)index, Bytes = ByteString.CopyFromUtf8(text) };
            item.PromptTokens.Tokens.Add(token);
            if (position + index == 0)
                continue;
            (token.Logprob, token.Rank) = (-2, 2);
            token.Top.Add([new TokenAlternative { Id = 1, Logprob = -0.5f, Bytes = ByteString.CopyFromUtf8("x") }, new TokenAlternative { Id = token.Id, Logprob = -2, Bytes = token.Bytes }]);
        }

        return item;
    }

    public static string Stream(TextInference request, params Event[] events)
    {
        var output = new ArrayBufferWriter<byte>();
        var renderer = Dialect.Of(request.Endpoint).Stream(request, Head(request));
        foreach (var item in events)
            renderer.Write(item, output);
        renderer.Finish(Usage, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public static string Whole(TextInference request, params Event[] events)
    {
        var output = new ArrayBufferWriter<byte>();
        var renderer = Dialect.Of(request.Endpoint).Whole(request, Head(request));
        foreach (var item in events)
            renderer.Append(item);
        renderer.Finish(Usage, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public static AnswerHead Head(TextInference request) =>
        new(request.Endpoint == InferenceEndpoint.ChatCompletions ? "chatcmpl-1" : "cmpl-1", 1700000000, "demo", new CountingIdSource());
}
