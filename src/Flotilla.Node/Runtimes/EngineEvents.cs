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

    /// <summary>Tokens of a prompt, a few in each event: with their alternatives they are long.</summary>
    public static IEnumerable<Event> Of(int choice, Engine.PromptTokens told)
    {
        var position = told.Position;
        foreach (var tokens in told.Tokens.Chunk(NodeLimits.PromptTokensPerEvent))
        {
            var item = new Event { Choice = (uint)choice, PromptTokens = new Protocol.Link.PromptTokens { Position = (uint)position } };
            item.PromptTokens.Tokens.Add(tokens.Select(t => t.Rank > 0 ? WithLogprobs(t) : new TokenOutput { Id = (uint)t.Id, Bytes = UnsafeByteOperations.UnsafeWrap(t.Bytes) }));
            position += tokens.Length;
            yield return item;
        }
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
        var output = new TokenOutput { Id = (uint)token.Id, Logprob = token.Logprob, Rank = (uint)token.Rank, Bytes = UnsafeByteOperations.UnsafeWrap(token.Bytes) };
        foreach (var other in token.Top ?? [])
            output.Top.Add(new TokenAlternative { Id = (uint)other.Id, Logprob = other.Logprob, Bytes = UnsafeByteOperations.UnsafeWrap(other.Bytes) });
        return output;
    }
}
