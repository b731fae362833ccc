using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Nodes;

/// <summary>Holds what a node says about one attempt against the request and against what it said before. One thread at a time.</summary>
/// <remarks>Every method answers null, or what is wrong. Nothing a node sends passes to the relay or to the settlement before it was here.</remarks>
internal sealed class AttemptRules
{
    private const int TraceBytes = 32;
    private readonly JobShape _shape;
    private readonly OutputRules _output;
    private readonly bool _isTraced;
    private readonly bool _isCounted;
    private bool _isAccepted;
    private uint _frames;

    public AttemptRules(JobSpec spec, ModelOffer offer)
    {
        _shape = spec.Shape.Within(offer.ContextTokens);
        _output = new OutputRules(spec.Kind, _shape);
        // Tokens have a trace. Whatever else an exact model computes is all in the output, and so in the commitment to it.
        _isTraced = offer.IsExact && spec.Kind == JobKind.Text;
        // An upstream's events carry estimates of its tokens, its usage the count; our own engine knows every token, and other units are seen by all.
        _isCounted = offer.IsExact || spec.Kind != JobKind.Text;
    }

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
            if (Event(item) is { } wrong)
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
        if (!frame.Cancelled && _output.Open is var open and >= 0)
            return $"a Done while choice {open} has not ended";
        if (frame.FinishedUnixMs is 0 or > LinkLimits.UnixMsMax)
            return $"a Done that finished at {frame.FinishedUnixMs} ms since 1970; dates end with the year 9999";
        var traceBytes = _isTraced && !(frame.Cancelled && frame.TraceRoot.Length == 0) ? TraceBytes : 0;
        if (frame.TraceRoot.Length != traceBytes)
            return $"a Done with a trace root of {frame.TraceRoot.Length} bytes where {traceBytes} are due";
        return frame.Usage is null ? "a Done without usage" : Usage(frame.Usage);
    }

    private string? Usage(Usage usage)
    {
        if (_output.Input(usage.PromptTokens) is { } wrong)
            return wrong;
        if (usage.CachedTokens > usage.PromptTokens)
            return $"a usage with {usage.CachedTokens} cached of {usage.PromptTokens} prompt tokens";
        if (usage.CompletionTokens > _shape.OutputUnitsMax)
            return $"a usage of {usage.CompletionTokens} completion tokens where the request allows {_shape.OutputUnitsMax}";
        if (usage.ReasoningTokens > usage.CompletionTokens)
            return $"a usage with {usage.ReasoningTokens} reasoning of {usage.CompletionTokens} completion tokens";
        return _isCounted && usage.CompletionTokens != _output.Units
            ? $"a usage of {usage.CompletionTokens} completion tokens where the events carried {_output.Units}"
            : null;
    }

    private string? Event(Event item)
    {
        foreach (var token in item.Tokens.Concat(item.PromptTokens?.Tokens ?? []))
        {
            if (Token(token) is { } bad)
                return bad;
        }

        return _output.Admit(item, out var isSilent) ?? (isSilent ? "an event that says nothing" : null);
    }

    private static string? Token(TokenOutput token)
    {
        if (token.HasLogprob && !float.IsFinite(token.Logprob))
            return "a logprob that is not finite";
        if (token.Bytes.Length > LinkLimits.TokenBytesMax)
            return $"a token of {token.Bytes.Length} bytes; the limit is {LinkLimits.TokenBytesMax}";
        if (token.Top.Count > OpenAiLimits.TopLogprobsMax)
            return $"{token.Top.Count} alternatives for one token; the limit is {OpenAiLimits.TopLogprobsMax}";
        foreach (var other in token.Top)
        {
            if (!float.IsFinite(other.Logprob))
                return "a logprob that is not finite";
            if (other.Bytes.Length > LinkLimits.TokenBytesMax)
                return $"a token of {other.Bytes.Length} bytes; the limit is {LinkLimits.TokenBytesMax}";
        }

        return null;
    }
}
