using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Node.Runtimes;

/// <summary>
/// One answer of an upstream on its way to the link. A gateway closes the link of a node whose events break its rules, and
/// an upstream knows none of them: so each event is brought into bounds here, or the job fails alone.
/// </summary>
internal sealed class UpstreamAnswer(RunRequest job)
{
    /// <summary>What OpenAI itself sends for a token too unlikely to tell.</summary>
    private const float LogprobMin = -9999;

    private readonly long _tokensMax = job.Shape.OutputUnitsMax;
    private readonly HashSet<uint> _open = [.. Enumerable.Range(0, job.Choices).Select(c => (uint)c)];
    private readonly HashSet<uint> _called = [];
    private readonly HashSet<uint> _heard = [];
    private readonly HashSet<uint> _spoken = [];
    private readonly bool _isAskedForLogprobs = job.Work is TextRequest { HasTopLogprobs: true };
    private long _tokens;
    private long _chars;

    /// <summary>Choices that have not ended.</summary>
    public IReadOnlyCollection<uint> Open => _open;

    /// <summary>Whether of several choices one was never mentioned: servers take <c>n</c>, and some forget it.</summary>
    public bool LacksChoices => job.Choices > 1 && _heard.Count < job.Choices;

    /// <summary>Brings an event into bounds.</summary>
    /// <returns>Whether to pass it on, and what ends the job if it cannot go on.</returns>
    public (bool Pass, RunFailure? Failure) Admit(Event item)
    {
        CountTokens(item);
        var chars = item.BodyCase switch
        {
            Event.BodyOneofCase.Text => item.Text.Text_.Length,
            Event.BodyOneofCase.Reasoning => item.Reasoning.Text_.Length,
            Event.BodyOneofCase.ToolCall => CleanCall(item.ToolCall),
            _ => 0,
        };
        _heard.Add(item.Choice);
        // The first text tells: a later piece may be one that a server held back, and has no token of its own.
        if (chars > 0 && item.BodyCase == Event.BodyOneofCase.Text && _spoken.Add(item.Choice) && _isAskedForLogprobs && !item.Tokens.Any(t => t.HasLogprob))
            return (false, UpstreamFailures.NoLogprobs);
        _chars += chars;
        if (_chars > job.Shape.OutputMax)
            return (false, UpstreamFailures.Endless);
        if (item.BodyCase == Event.BodyOneofCase.ToolCall && item.ToolCall.Name.Length > LinkLimits.NameCharsMax)
            return (false, UpstreamFailures.Strange);
        if (item.BodyCase == Event.BodyOneofCase.ToolCall && job.Shape.Tools?.IsMetBy(item.ToolCall) == true)
            _called.Add(item.Choice);
        if (item.BodyCase == Event.BodyOneofCase.ChoiceDone)
        {
            _open.Remove(item.Choice);
            // Other servers have other things under that name.
            if (item.ChoiceDone.Finish != ChoiceDone.Types.Finish.Stop || !job.Shape.Stops.Contains(item.ChoiceDone.Stop))
                item.ChoiceDone.Stop = "";
            // Servers take tool_choice, and some forget it.
            if (job.Shape.Tools?.IsDueAt(item.ChoiceDone) == true && !_called.Contains(item.Choice))
                return (false, UpstreamFailures.NoCall);
        }

        return (chars > 0 || item.TokenCount > 0 || item.BodyCase == Event.BodyOneofCase.ChoiceDone, null);
    }

    /// <summary>The usage: the upstream's own within what can be true, or our count where it sent none.</summary>
    public Usage Usage(Usage? told)
    {
        if (told is null)
            return new Usage { CompletionTokens = (uint)_tokens };
        var prompt = (uint)Math.Min(told.PromptTokens, job.Shape.InputUnitsMax);
        var completion = (uint)Math.Min(told.CompletionTokens, _tokensMax);
        return new Usage
        {
            PromptTokens = prompt,
            CachedTokens = Math.Min(told.CachedTokens, prompt),
            CompletionTokens = completion,
            ReasoningTokens = Math.Min(told.ReasoningTokens, completion),
        };
    }

    // A delta is counted as one token where the server does not tell its tokens; one that streams single letters would
    // seem to exceed max_tokens.
    private void CountTokens(Event item)
    {
        if (item.TokenCount > _tokensMax - _tokens)
        {
            item.TokenCount = (uint)(_tokensMax - _tokens);
            item.Tokens.Clear();
        }

        _tokens += item.TokenCount;
        foreach (var token in item.Tokens)
        {
            token.Bytes = Short(token.Bytes);
            if (token.HasLogprob)
                token.Logprob = Finite(token.Logprob);
            foreach (var other in token.Top)
                (other.Logprob, other.Bytes) = (Finite(other.Logprob), Short(other.Bytes));
        }
    }

    private static float Finite(float logprob) => float.IsFinite(logprob) ? logprob : LogprobMin;

    private static ByteString Short(ByteString bytes) => bytes.Length <= LinkLimits.TokenBytesMax ? bytes : ByteString.CopyFrom(bytes.Span[..LinkLimits.TokenBytesMax]);

    private static int CleanCall(ToolCallDelta call)
    {
        // The gateway makes an id for a call that has none.
        if (!LinkNames.IsName(call.Id))
            call.Id = "";
        return call.Id.Length + call.Name.Length + call.Arguments.Length;
    }
}
