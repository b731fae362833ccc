using System.Buffers;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Anthropic;

/// <summary>An answer in Anthropic's form as one object.</summary>
internal sealed class MessagesWholeRenderer(AnswerHead head) : IWholeRenderer
{
    private readonly List<AnswerBlock> _blocks = [];
    private readonly Dictionary<uint, AnswerBlock> _calls = [];
    private ChoiceDone _end = new();

    /// <inheritdoc />
    public void Append(Event item)
    {
        switch (item.BodyCase)
        {
            case Event.BodyOneofCase.Text when item.Text.Text_.Length > 0:
                Current(BlockKind.Text).Text.Append(item.Text.Text_);
                break;
            case Event.BodyOneofCase.Reasoning when item.Reasoning.Text_.Length > 0:
                Current(BlockKind.Thinking).Text.Append(item.Reasoning.Text_);
                break;
            case Event.BodyOneofCase.ToolCall:
                Call(item.ToolCall).Text.Append(item.ToolCall.Arguments);
                break;
            case Event.BodyOneofCase.ChoiceDone:
                _end = item.ChoiceDone;
                break;
        }
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        MessageOut.WriteHead(output, head);
        for (var i = 0; i < _blocks.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            _blocks[i].Write(output, _blocks[i].Text.ToString());
        }

        output.Write("],"u8);
        MessageOut.WriteStop(output, _end);
        output.Write(",\"usage\":"u8);
        MessageOut.WriteUsage(output, usage);
        output.Write("}"u8);
    }

    private AnswerBlock Current(BlockKind kind)
    {
        if (_blocks.Count == 0 || _blocks[^1].Kind != kind)
            _blocks.Add(new AnswerBlock { Kind = kind });
        return _blocks[^1];
    }

    private AnswerBlock Call(ToolCallDelta delta)
    {
        if (_calls.TryGetValue(delta.Index, out var block))
            return block;
        block = new AnswerBlock { Kind = BlockKind.ToolUse, Id = ToolCallIds.Of(delta, head.Ids, MessageOut.CallPrefix), Name = delta.Name };
        _calls.Add(delta.Index, block);
        _blocks.Add(block);
        return block;
    }
}
