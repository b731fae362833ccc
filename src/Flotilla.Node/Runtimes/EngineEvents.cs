using Flotilla.Engine;
using Flotilla.Protocol.Link;
using Google.Protobuf;
using TokenAlternative = Flotilla.Protocol.Link.TokenAlternative;
using TokenOutput = Flotilla.Protocol.Link.TokenOutput;
using ToolCallDelta = Flotilla.Protocol.Link.ToolCallDelta;

namespace Flotilla.Node.Runtimes;

/// <summary>The engine's events in the link's words.</summary>
internal static class EngineEvents
{
    public static Event Of(int choice, TextDelta delta, bool withLogprobs)
    {
        var item = New(choice, delta.Tokens, withLogprobs);
        item.Text = new Text { Text_ = delta.Text };
        return item;
    }

    public static Event Of(int choice, ReasoningDelta delta, bool withLogprobs)
    {
        var item = New(choice, delta.Tokens, withLogprobs);
        item.Reasoning = new Text { Text_ = delta.Text };
        return item;
    }

    public static Event Of(int choice, Engine.ToolCallDelta delta, bool withLogprobs)
    {
        var item = New(choice, delta.Tokens, withLogprobs);
        item.ToolCall = new ToolCallDelta { Index = (uint)delta.Index, Name = delta.Name ?? string.Empty, Arguments = delta.Arguments };
        return item;
    }

    private static Event New(int choice, IReadOnlyList<Engine.TokenOutput> tokens, bool withLogprobs)
    {
        var item = new Event { Choice = (uint)choice, TokenCount = (uint)tokens.Count };
        foreach (var token in tokens)
            item.Tokens.Add(withLogprobs ? WithLogprobs(token) : new TokenOutput { Id = (uint)token.Id });
        return item;
    }

    private static TokenOutput WithLogprobs(Engine.TokenOutput token)
    {
        var output = new TokenOutput { Id = (uint)token.Id, Logprob = token.Logprob, Bytes = UnsafeByteOperations.UnsafeWrap(token.Bytes) };
        foreach (var other in token.Top ?? [])
            output.Top.Add(new TokenAlternative { Id = (uint)other.Id, Logprob = other.Logprob, Bytes = UnsafeByteOperations.UnsafeWrap(other.Bytes) });
        return output;
    }
}
