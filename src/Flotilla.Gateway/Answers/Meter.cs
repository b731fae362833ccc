using System.Text;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Answers;

/// <summary>Counts what a client was given, so that a stream that breaks is still billed right.</summary>
/// <remarks>What was rendered counts once it is flushed; what was never flushed is never charged.</remarks>
internal sealed class Meter
{
    private long _pendingTokens;
    private long _pendingBytes;

    /// <summary>Prompt tokens that the node reported before the output, added up over the prompts; 0 where it never did.</summary>
    public long PromptTokens { get; private set; }

    /// <summary>Completion tokens that reached the client, by the events' own counts.</summary>
    public long Tokens { get; private set; }

    /// <summary>UTF-8 bytes of output that reached the client: no runtime can make a token of visible text from less than one.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether every counted token came with its id, so that the count is a fact and no estimate.</summary>
    public bool TokensKnown { get; private set; } = true;

    /// <summary>Timestamp of the first event with a token; null before it.</summary>
    public long? FirstTokenAt { get; set; }

    /// <summary>The last choice's reason to end, for the job's record.</summary>
    public ChoiceDone.Types.Finish Finish { get; private set; }

    /// <summary>Takes in an event that was rendered.</summary>
    public void Rendered(Event item)
    {
        _pendingTokens += item.TokenCount;
        TokensKnown &= item.TokenCount == item.Tokens.Count;
        switch (item.BodyCase)
        {
            case Event.BodyOneofCase.PromptReady:
                PromptTokens += item.PromptReady.PromptTokens;
                break;
            case Event.BodyOneofCase.Text:
                _pendingBytes += Encoding.UTF8.GetByteCount(item.Text.Text_);
                break;
            case Event.BodyOneofCase.Reasoning:
                _pendingBytes += Encoding.UTF8.GetByteCount(item.Reasoning.Text_);
                break;
            case Event.BodyOneofCase.ToolCall:
                _pendingBytes += Encoding.UTF8.GetByteCount(item.ToolCall.Name) + Encoding.UTF8.GetByteCount(item.ToolCall.Arguments);
                break;
            case Event.BodyOneofCase.Vector or Event.BodyOneofCase.Score or Event.BodyOneofCase.Verdict:
                _pendingBytes += item.CalculateSize();
                break;
            case Event.BodyOneofCase.Media:
                _pendingBytes += item.Media.Data.Length;
                break;
            case Event.BodyOneofCase.Segment:
                _pendingBytes += Encoding.UTF8.GetByteCount(item.Segment.Text);
                break;
            case Event.BodyOneofCase.ChoiceDone:
                Finish = item.ChoiceDone.Finish;
                break;
        }
    }

    /// <summary>The answer ends before the node's does.</summary>
    public void Cut() => Finish = ChoiceDone.Types.Finish.Length;

    /// <summary>Everything rendered so far was flushed to the client.</summary>
    public void Flushed()
    {
        Tokens += _pendingTokens;
        Bytes += _pendingBytes;
        _pendingTokens = 0;
        _pendingBytes = 0;
    }
}
