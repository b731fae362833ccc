using System.Buffers;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.Sse;

namespace Flotilla.Protocol.Anthropic;

/// <summary>An answer in Anthropic's form as named events: a message, its blocks one after another, and its end.</summary>
/// <remarks>
/// Only one block is open at a time. A runtime may write several calls side by side; what belongs to a later block waits until
/// the arguments of the open one are whole, or the answer ends.
/// </remarks>
internal sealed class MessagesStreamRenderer(AnswerHead head) : IStreamRenderer
{
    private readonly Dictionary<uint, AnswerBlock> _calls = [];
    private readonly Queue<AnswerBlock> _waiting = [];
    private AnswerBlock? _open;
    private AnswerBlock? _newest;
    private int _index = -1;
    private bool _begun;
    private uint _promptTokens;
    private ChoiceDone _end = new();

    /// <inheritdoc />
    public long Held { get; private set; }

    /// <inheritdoc />
    public void Write(Event item, IBufferWriter<byte> output)
    {
        switch (item.BodyCase)
        {
            case Event.BodyOneofCase.PromptReady:
                _promptTokens = item.PromptReady.PromptTokens;
                break;
            case Event.BodyOneofCase.Text when item.Text.Text_.Length > 0:
                Add(Current(BlockKind.Text), item.Text.Text_, output);
                break;
            case Event.BodyOneofCase.Reasoning when item.Reasoning.Text_.Length > 0:
                Add(Current(BlockKind.Thinking), item.Reasoning.Text_, output);
                break;
            case Event.BodyOneofCase.ToolCall:
                Add(Call(item.ToolCall), item.ToolCall.Arguments, output);
                break;
            case Event.BodyOneofCase.ChoiceDone:
                Begin(output);
                CloseAll(output);
                _end = item.ChoiceDone;
                break;
        }
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        Begin(output);
        CloseAll(output);
        output.Write("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"u8);
        MessageOut.WriteStop(output, _end);
        output.Write("},\"usage\":"u8);
        MessageOut.WriteUsage(output, usage);
        output.Write("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"u8);
    }

    /// <inheritdoc />
    public void Fail(ApiError error, IBufferWriter<byte> output)
    {
        output.Write("event: error\ndata: "u8);
        AnthropicError.WriteTo(error, requestId: null, output);
        output.Write(SseFrame.End);
    }

    private void Begin(IBufferWriter<byte> output)
    {
        if (_begun)
            return;
        _begun = true;
        output.Write("event: message_start\ndata: {\"type\":\"message_start\",\"message\":"u8);
        MessageOut.WriteHead(output, head);
        output.Write("],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":"u8);
        MessageOut.WriteUsage(output, new Usage { PromptTokens = _promptTokens });
        output.Write("}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n"u8);
    }

    private AnswerBlock Current(BlockKind kind) => _newest?.Kind == kind ? _newest : Next(new AnswerBlock { Kind = kind });

    private AnswerBlock Call(ToolCallDelta call)
    {
        if (!_calls.TryGetValue(call.Index, out var block))
            _calls.Add(call.Index, block = Next(new AnswerBlock { Kind = BlockKind.ToolUse, Id = ToolCallIds.Of(call, head.Ids, MessageOut.CallPrefix), Name = call.Name }));
        return block;
    }

    private AnswerBlock Next(AnswerBlock block)
    {
        _waiting.Enqueue(block);
        return _newest = block;
    }

    private void Add(AnswerBlock block, string text, IBufferWriter<byte> output)
    {
        // A call that is closed had all its arguments; there is no place for what a model adds to them.
        if (block == _open)
        {
            WriteDelta(block, text, output);
        }
        else if (!block.Ended)
        {
            block.Text.Append(text);
            Held += text.Length;
        }

        while (_waiting.Count > 0 && _open is not { Kind: BlockKind.ToolUse, Arguments.IsWhole: false })
            OpenNext(output);
    }

    private void OpenNext(IBufferWriter<byte> output)
    {
        Begin(output);
        Close(output);
        _open = _waiting.Dequeue();
        output.Write("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":"u8);
        output.WriteJsonNumber(++_index);
        output.Write(",\"content_block\":"u8);
        _open.Write(output, "");
        output.Write("}\n\n"u8);
        var text = _open.Text.ToString();
        _open.Text.Clear();
        Held -= text.Length;
        WriteDelta(_open, text, output);
    }

    private void Close(IBufferWriter<byte> output)
    {
        if (_open is null)
            return;
        _open.Ended = true;
        _open = null;
        output.Write("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":"u8);
        output.WriteJsonNumber(_index);
        output.Write("}\n\n"u8);
    }

    private void CloseAll(IBufferWriter<byte> output)
    {
        while (_waiting.Count > 0)
            OpenNext(output);
        Close(output);
    }

    private void WriteDelta(AnswerBlock block, string text, IBufferWriter<byte> output)
    {
        if (text.Length == 0)
            return;
        output.Write("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":"u8);
        output.WriteJsonNumber(_index);
        output.Write(",\"delta\":"u8);
        switch (block.Kind)
        {
            case BlockKind.Text: output.Write("{\"type\":\"text_delta\",\"text\":"u8); break;
            case BlockKind.Thinking: output.Write("{\"type\":\"thinking_delta\",\"thinking\":"u8); break;
            default:
                block.Arguments.Add(text);
                output.Write("{\"type\":\"input_json_delta\",\"partial_json\":"u8);
                break;
        }

        output.WriteJsonString(text);
        output.Write("}}\n\n"u8);
    }
}
