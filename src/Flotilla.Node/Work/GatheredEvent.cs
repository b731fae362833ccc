using System.Text;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Work;

/// <summary>Neighbouring events of one choice joined into one, for a job whose reader wants the whole alone.</summary>
internal sealed class GatheredEvent
{
    private readonly Event _joined;
    private readonly StringBuilder _text = new();
    private int _bytes;

    private GatheredEvent(Event first)
    {
        _joined = first.Clone();
        _bytes = first.CalculateSize();
        _text.Append(TextOf(first));
    }

    /// <summary>Begins with an event; null for a kind that stays alone.</summary>
    public static GatheredEvent? Begin(Event first) => TextOf(first) is null ? null : new GatheredEvent(first);

    /// <summary>Takes in the next event, unless it belongs to something else or the whole would exceed a frame.</summary>
    public bool TryAdd(Event next)
    {
        if (next.Choice != _joined.Choice || next.BodyCase != _joined.BodyCase || !ContinuesCall(next) || !ContinuesTokens(next))
            return false;
        var bytes = next.CalculateSize();
        if (_bytes + bytes > NodeLimits.EventFrameBytes)
            return false;
        _bytes += bytes;
        _joined.TokenCount += next.TokenCount;
        _joined.Tokens.Add(next.Tokens);
        _text.Append(TextOf(next));
        return true;
    }

    /// <summary>The joined event.</summary>
    public Event Take()
    {
        var text = _text.ToString();
        if (_joined.BodyCase == Event.BodyOneofCase.Text)
            _joined.Text.Text_ = text;
        else if (_joined.BodyCase == Event.BodyOneofCase.Reasoning)
            _joined.Reasoning.Text_ = text;
        else
            _joined.ToolCall.Arguments = text;
        return _joined;
    }

    private bool ContinuesCall(Event next) =>
        next.BodyCase != Event.BodyOneofCase.ToolCall
        || (next.ToolCall.Index == _joined.ToolCall.Index && next.ToolCall.Name.Length == 0 && next.ToolCall.Id.Length == 0);

    // Where some tokens of an event have ids, all have: a gateway closes the link over anything else.
    private bool ContinuesTokens(Event next)
    {
        var ids = _joined.Tokens.Count + next.Tokens.Count;
        if (ids > 0 && ids != (long)_joined.TokenCount + next.TokenCount)
            return false;
        return _joined.Tokens.Count == 0 || next.Tokens.Count == 0 || _joined.Tokens[^1].HasLogprob == next.Tokens[0].HasLogprob;
    }

    private static string? TextOf(Event item) => item.BodyCase switch
    {
        Event.BodyOneofCase.Text => item.Text.Text_,
        Event.BodyOneofCase.Reasoning => item.Reasoning.Text_,
        Event.BodyOneofCase.ToolCall => item.ToolCall.Arguments,
        _ => null,
    };
}
