using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Nodes;

/// <summary>Holds what a node says about one attempt against the request and against what it said before. One thread at a time.</summary>
/// <remarks>Every method answers null, or what is wrong. Nothing a node sends passes to the relay or to the settlement before it was here.</remarks>
internal sealed class AttemptRules(JobSpec spec, ModelOffer offer)
{
    private readonly bool[] _choiceDone = new bool[spec.Choices];
    private readonly long _tokensMax = checked((long)spec.TokensPerChoice * spec.Choices);
    private bool _isAccepted;
    private uint _frames;
    private long _tokens;
    private long _chars;
    private int _promptsReady;

    /// <summary>The node takes the job.</summary>
    public string? Accepted()
    {
        if (_isAccepted)
            return "a second Accepted";
        _isAccepted = true;
        return null;
    }

    /// <summary>The node refuses the job.</summary>
    public string? Rejected(Rejected frame) =>
        _isAccepted ? "a Rejected after Accepted" : Enum.IsDefined(frame.Reason) ? null : $"a Rejected for the unknown reason {(int)frame.Reason}";

    /// <summary>The node gives up.</summary>
    public static string? Failed(Failed frame) =>
        Enum.IsDefined(frame.Code) ? null : $"a Failed with the unknown code {(int)frame.Code}";

    /// <summary>Output.</summary>
    public string? Events(JobEvents frame)
    {
        if (!_isAccepted)
            return "events before Accepted";
        if (frame.Sequence != _frames)
            return $"events with sequence {frame.Sequence} where {_frames} is due";
        if (frame.Events.Count == 0)
            return "a JobEvents frame without events";
        _frames++;
        foreach (var item in frame.Events)
        {
            if ((Envelope(item) ?? Body(item)) is { } wrong)
                return wrong;
        }

        return null;
    }

    /// <summary>The node's last word. Its signature is verified elsewhere.</summary>
    public string? Done(Done frame)
    {
        if (!_isAccepted)
            return "a Done before Accepted";
        if (frame.Frames != _frames)
            return $"a Done that counts {frame.Frames} frames of events where {_frames} came";
        if (!frame.Cancelled && Array.IndexOf(_choiceDone, false) is var open and >= 0)
            return $"a Done while choice {open} has no choice_done";
        if (frame.FinishedUnixMs is 0 or > NodeLimits.UnixMsMax)
            return $"a Done that finished at {frame.FinishedUnixMs} ms since 1970; dates end with the year 9999";
        var traceBytes = offer.IsExact && !(frame.Cancelled && frame.TraceRoot.Length == 0) ? 32 : 0;
        if (frame.TraceRoot.Length != traceBytes)
            return $"a Done with a trace root of {frame.TraceRoot.Length} bytes where {traceBytes} are due";
        return frame.Usage is null ? "a Done without usage" : Usage(frame.Usage);
    }

    private string? Usage(Usage usage)
    {
        if (PromptTokens(usage.PromptTokens) is { } wrong)
            return wrong;
        if (usage.CachedTokens > usage.PromptTokens)
            return $"a usage with {usage.CachedTokens} cached of {usage.PromptTokens} prompt tokens";
        if (usage.CompletionTokens > _tokensMax)
            return $"a usage of {usage.CompletionTokens} completion tokens where the request allows {_tokensMax}";
        if (usage.ReasoningTokens > usage.CompletionTokens)
            return $"a usage with {usage.ReasoningTokens} reasoning of {usage.CompletionTokens} completion tokens";
        // An upstream's events carry estimates, its usage the count; our own engine knows every token.
        return offer.IsExact && usage.CompletionTokens != _tokens
            ? $"a usage of {usage.CompletionTokens} completion tokens where the events carried {_tokens}"
            : null;
    }

    private string? PromptTokens(uint tokens)
    {
        // A token stands for at least one byte of the request, or is one that the template adds.
        var most = spec.Request.Length + NodeLimits.TemplateTokensMax;
        if (offer.ContextTokens > 0)
            most = Math.Min(most, (long)offer.ContextTokens * spec.Prompts);
        return tokens > most ? $"{tokens} prompt tokens for a request that can have at most {most}" : null;
    }

    private string? Envelope(Event item)
    {
        if (item.Choice >= _choiceDone.Length)
            return $"an event of choice {item.Choice}; the request has {_choiceDone.Length}";
        if (_choiceDone[item.Choice])
            return $"an event of choice {item.Choice} after its choice_done";
        if (item.Tokens.Count > 0)
        {
            if (item.Tokens.Count != item.TokenCount)
                return $"an event with token_count {item.TokenCount} and {item.Tokens.Count} tokens";
            foreach (var token in item.Tokens)
            {
                if (Token(token) is { } wrong)
                    return wrong;
            }
        }

        _tokens += item.TokenCount;
        return _tokens > _tokensMax ? $"{_tokens} tokens where the request allows {_tokensMax}" : null;
    }

    private static string? Token(TokenOutput token)
    {
        if (token.HasLogprob && !float.IsFinite(token.Logprob))
            return "a logprob that is not finite";
        if (token.Bytes.Length > NodeLimits.TokenBytesMax)
            return $"a token of {token.Bytes.Length} bytes; the limit is {NodeLimits.TokenBytesMax}";
        if (token.Top.Count > NodeLimits.AlternativesMax)
            return $"{token.Top.Count} alternatives for one token; the limit is {NodeLimits.AlternativesMax}";
        foreach (var other in token.Top)
        {
            if (!float.IsFinite(other.Logprob))
                return "a logprob that is not finite";
            if (other.Bytes.Length > NodeLimits.TokenBytesMax)
                return $"a token of {other.Bytes.Length} bytes; the limit is {NodeLimits.TokenBytesMax}";
        }

        return null;
    }

    private string? Body(Event item)
    {
        switch (item.BodyCase)
        {
            case Event.BodyOneofCase.Text:
                return Output(item.Text.Text_.Length, item);
            case Event.BodyOneofCase.ToolCall when !spec.Chat:
                return "a tool call for a request that is no chat";
            case Event.BodyOneofCase.Reasoning:
                return Output(item.Reasoning.Text_.Length, item);
            case Event.BodyOneofCase.ToolCall:
                return ToolCall(item.ToolCall, item);
            case Event.BodyOneofCase.ChoiceDone:
                _choiceDone[item.Choice] = true;
                return item.ChoiceDone.Finish != ChoiceDone.Types.Finish.Unspecified && Enum.IsDefined(item.ChoiceDone.Finish)
                    ? null
                    : $"a choice_done with the unknown finish {(int)item.ChoiceDone.Finish}";
            case Event.BodyOneofCase.PromptReady:
                return ++_promptsReady > spec.Prompts
                    ? $"a prompt_ready too many; the request has {spec.Prompts} prompts"
                    : PromptTokens(item.PromptReady.PromptTokens);
            default:
                return Output(0, item);
        }
    }

    private string? ToolCall(ToolCallDelta call, Event item)
    {
        if (call.Index >= NodeLimits.ToolCallsMax)
            return $"tool call {call.Index}; the limit is {NodeLimits.ToolCallsMax}";
        if (call.Id.Length > 0 && !NodeText.IsName(call.Id, LinkLimits.NameCharsMax))
            return "a tool call whose id is no name";
        return call.Name.Length > LinkLimits.NameCharsMax
            ? $"a tool name of {call.Name.Length} characters; the limit is {LinkLimits.NameCharsMax}"
            : Output(call.Id.Length + call.Name.Length + call.Arguments.Length, item);
    }

    private string? Output(int chars, Event item)
    {
        // An event of four bytes becomes a hundred in memory, so one that says nothing is no carelessness to pass over.
        if (chars == 0 && item.TokenCount == 0)
            return "an event that says nothing";
        _chars += chars;
        var most = NodeLimits.CharsFreeMax + (_tokensMax * NodeLimits.CharsPerTokenMax);
        return _chars > most ? $"{_chars} characters where {_tokensMax} tokens can have at most {most}" : null;
    }
}
